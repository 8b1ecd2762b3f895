package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import net.devh.boot.grpc.server.autoconfigure.GrpcAdviceAutoConfiguration;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes the database of {@code spring.datasource} available to the services that declare a {@link NeedsDatabase}. */
@AutoConfiguration(
        before = {DataSourceHealthContributorAutoConfiguration.class, GrpcAdviceAutoConfiguration.class},
        after = DataSourceAutoConfiguration.class,
        afterName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass({DataSourceAutoConfiguration.class, HikariDataSource.class, JdbcTemplate.class})
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.database.enabled"},
        matchIfMissing = true)
@ConditionalOnBean({DataSource.class, NeedsDatabase.class})
@EnableConfigurationProperties(DatabaseSettings.class)
public class DatabaseAutoConfiguration {

    private static final String TYPE = "spring.datasource.type";

    @Bean
    static ConnectionOptions connectionOptions(ObjectProvider<NeedsDatabase> services, Environment environment) {
        String type = environment.getProperty(TYPE, HikariDataSource.class.getName());
        if (!type.equals(HikariDataSource.class.getName())) {
            throw new SettingException(
                    TYPE + " is " + type + ", but only HikariDataSource gets the limits that this application needs.",
                    "Remove it.",
                    null);
        }
        return new ConnectionOptions(services);
    }

    @Bean
    @Lazy(false)
    DatabaseWatch databaseWatch(
            DataSource dataSource,
            Pool pool,
            ObjectProvider<Migration> migrations,
            ObjectProvider<NeedsDatabase> services,
            ApplicationEventPublisher events,
            DatabaseSettings settings) {
        Migration migration = migrations.getIfAvailable();
        return new DatabaseWatch(
                ConnectionOptions.name(dataSource),
                ConnectionOptions.unpooled(dataSource, settings.answerTimeout()),
                Dialect.OTHER,
                migration == null ? () -> {} : migration,
                services.orderedStream().toList(),
                pool,
                events,
                settings);
    }

    @Bean
    Pool databasePool(DataSource dataSource) {
        // At most one thread per connection, and none unless a call is cancelled.
        return new Pool(dataSource, Executors.newCachedThreadPool(DaemonThreads.named("database-cancel")));
    }

    @Bean
    Database database(DatabaseWatch watch, Pool pool, DataSource dataSource, DatabaseSettings settings) {
        // Not the application's transaction manager, which may be one of something else.
        TransactionTemplate transactions = new TransactionTemplate(new JdbcTransactionManager(dataSource));
        return new Database(watch, pool, transactions, settings);
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

    /** From what the watch knows, without queries of its own. */
    @Bean
    @ConditionalOnMissingBean(name = {"dbHealthIndicator", "dbHealthContributor"})
    @ConditionalOnEnabledHealthIndicator("db")
    HealthIndicator dbHealthIndicator(DatabaseWatch watch) {
        return () -> (watch.state() == State.AWAY ? Health.down() : Health.up()).build();
    }

    /** Leaves the migration to the watch, because the database may be away at the start. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Flyway.class, FlywayMigrationStrategy.class})
    static class Migrations {

        private static final String FLYWAY_URL = "spring.flyway.url";

        @Bean
        @ConditionalOnMissingBean
        FlywayMigrationStrategy migrationByTheWatch() {
            return flyway -> {};
        }

        @Bean
        @ConditionalOnBean(Flyway.class)
        Migration databaseMigration(
                Flyway flyway, DataSource dataSource, DatabaseSettings settings, Environment environment) {
            String url = environment.getProperty(FLYWAY_URL);
            if (url != null) {
                ConnectionOptions.requireUrl(FLYWAY_URL, url);
            }
            return new Migration(flyway, dataSource, settings);
        }
    }
}
