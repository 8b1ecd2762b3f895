package dev.greeter.database;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import net.devh.boot.grpc.server.autoconfigure.GrpcAdviceAutoConfiguration;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes the database of {@code spring.datasource} available to the services that declare a {@link NeedsDatabase}. */
@AutoConfiguration(
        before = GrpcAdviceAutoConfiguration.class,
        after = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.database.enabled"},
        matchIfMissing = true)
@ConditionalOnBean({DataSource.class, NeedsDatabase.class})
@EnableConfigurationProperties(DatabaseSettings.class)
public class DatabaseAutoConfiguration {

    @Bean
    static ConnectionOptions connectionOptions(ObjectProvider<NeedsDatabase> services) {
        return new ConnectionOptions(services);
    }

    /** Leaves the migration to the watch, because the database may be away at the start. */
    @Bean
    @ConditionalOnMissingBean
    FlywayMigrationStrategy migrationByTheWatch() {
        return flyway -> {};
    }

    @Bean
    @Lazy(false)
    DatabaseWatch databaseWatch(
            DataSource dataSource,
            ObjectProvider<Flyway> flyway,
            ObjectProvider<NeedsDatabase> services,
            ApplicationEventPublisher events,
            DatabaseSettings settings) {
        Flyway migrations = flyway.getIfAvailable();
        SimpleDriverDataSource connections = ConnectionOptions.unpooled(dataSource, settings.answerTimeout());
        return new DatabaseWatch(
                JdbcUrl.name(String.valueOf(connections.getUrl())),
                connections,
                migrations == null ? () -> {} : new Migration(migrations, dataSource, settings),
                services.orderedStream().toList(),
                new Pool(dataSource)::renew,
                events,
                settings);
    }

    @Bean
    Database database(DatabaseWatch watch, DataSource dataSource) {
        // At most one thread per connection, and none unless a call is cancelled.
        Executor cancels = Executors.newCachedThreadPool(DaemonThreads.named("database-cancel"));
        // Not the application's transaction manager, which may be one of something else.
        TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        return new Database(watch, new Pool(dataSource), transactions, cancels);
    }

    /** H2 overwrites what was superseded two seconds ago, and relies on the disk having the rest. */
    @Bean
    @Conditional(OnH2File.class)
    DatabaseTask h2FileSync(Database database) {
        return new DatabaseTask(
                "h2-file-sync",
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                () -> database.write(() -> database.template().update("checkpoint sync")));
    }

    @Bean
    DatabaseAdvice databaseAdvice() {
        return new DatabaseAdvice();
    }

    @Bean
    DatabaseMeters databaseMeters(DatabaseWatch watch) {
        return new DatabaseMeters(watch);
    }
}
