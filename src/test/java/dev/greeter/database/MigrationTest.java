package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.greeter.test.TestDatabases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Servers that start at once, or with a database that does not answer. */
class MigrationTest {

    @RepeatedTest(5)
    void serversThatFindAnEmptyDatabaseMigrateItOnce() throws Exception {
        DriverManagerDataSource empty = new DriverManagerDataSource(
                String.valueOf(TestDatabases.postgres().get()));
        Duration second = Duration.ofSeconds(1);
        DatabaseSettings settings = new DatabaseSettings(second, second.multipliedBy(2), second.multipliedBy(60));
        ExecutorService servers = Executors.newFixedThreadPool(3);

        var ends = Stream.generate(
                        () -> new Migration(Flyway.configure().dataSource(empty).load(), empty, settings))
                .limit(3)
                .map(servers::submit)
                .toList();

        for (var end : ends) {
            end.get();
        }
        servers.shutdown();
        assertThat(JdbcClient.create(empty)
                        .sql("select version from flyway_schema_history where success")
                        .query(String.class)
                        .list())
                .containsExactly("1");
    }

    @Test
    void theReasonOfAFailedMigrationNamesIt(@TempDir Path migrations) throws IOException {
        Files.writeString(migrations.resolve("V9__broken.sql"), "drop table absent");
        DriverManagerDataSource empty = new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID());
        Duration second = Duration.ofSeconds(1);
        Migration migration = new Migration(
                Flyway.configure()
                        .dataSource(empty)
                        .locations("filesystem:" + migrations)
                        .load(),
                empty,
                new DatabaseSettings(second, second, second.multipliedBy(10)));

        assertThat(Problems.text(catchThrowable(migration::run)))
                .startsWith("Failed to execute script V9__broken.sql: Table \"ABSENT\" not found");
    }

    @Test
    void aMigrationByAUserOfItsOwnDoesNotWaitForASilentDatabase() throws IOException {
        Duration second = Duration.ofSeconds(1);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            SimpleDriverDataSource migrator = new SimpleDriverDataSource(
                    new Driver(), "jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/users");
            Migration migration = new Migration(
                    Flyway.configure().dataSource(migrator).connectRetries(10).load(),
                    new DriverManagerDataSource(),
                    new DatabaseSettings(second, second, second));

            assertThat(CompletableFuture.runAsync(migration)).failsWithin(Duration.ofSeconds(20));
        }
    }
}
