package dev.greeter.users;

import static org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME;

import java.time.Clock;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Stores the users in the database of {@code spring.datasource}, whenever it is there. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableScheduling
@EnableConfigurationProperties(UsersSettings.class)
class UsersConfiguration {

    /** Leaves the migration to the watch: the database may be away at the start. */
    @Bean
    FlywayMigrationStrategy migrationByTheWatch() {
        return flyway -> {};
    }

    @Bean
    DatabaseWatch databaseWatch(
            DataSource dataSource,
            Flyway flyway,
            ApplicationEventPublisher events,
            @Qualifier(APPLICATION_TASK_EXECUTOR_BEAN_NAME) Executor workers,
            UsersSettings settings) {
        DataSource unpooled = DataSourceBuilder.derivedFrom(dataSource)
                .type(SimpleDriverDataSource.class)
                .build();
        return new DatabaseWatch(unpooled, flyway::migrate, events, workers, settings.startTimeout());
    }

    @Bean
    CallStatements callStatements(
            DataSource dataSource, @Qualifier(APPLICATION_TASK_EXECUTOR_BEAN_NAME) Executor workers) {
        return new CallStatements(dataSource, workers);
    }

    @Bean
    Database database(DatabaseWatch watch, CallStatements statements, PlatformTransactionManager transactions) {
        return new Database(watch, statements, new TransactionTemplate(transactions));
    }

    @Bean
    UserRepository userRepository(Database database, CallStatements statements) {
        return new UserRepository(database, statements, Clock.systemUTC());
    }

    @Bean
    UserExports userExports(Database database, CallStatements statements, UsersSettings settings) {
        return new UserExports(database, statements, settings);
    }

    @Bean
    RequestRetention requestRetention(UserRepository users, UsersSettings settings) {
        return new RequestRetention(users, settings.requestIdRetention(), Clock.systemUTC());
    }
}
