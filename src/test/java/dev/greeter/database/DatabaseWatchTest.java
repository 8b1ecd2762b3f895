package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The state that the watch reports of its database. */
@ExtendWith(OutputCaptureExtension.class)
class DatabaseWatchTest {

    @Test
    void aDatabaseThatIsAwayIsReported(CapturedOutput output) {
        watch(watch -> {}).check();

        assertThat(output)
                .contains("The database jdbc:x://host/app cannot be used")
                .contains("gone");
    }

    @Test
    void aStartThatFailsMeanwhileIsNoNewsOfTheDatabase(CapturedOutput output) {
        watch(DatabaseWatch::destroy).check();

        assertThat(output).isEmpty();
    }

    @Test
    void aStopLetsAMigrationEnd() {
        AtomicReference<String> end = new AtomicReference<>("not begun");
        Runnable migration = () -> {
            end.set("begun");
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
            end.set(Thread.currentThread().isInterrupted() ? "interrupted" : "complete");
        };
        Duration second = Duration.ofSeconds(1);
        DriverManagerDataSource database = new DriverManagerDataSource("jdbc:h2:mem:");
        DatabaseWatch watch = new DatabaseWatch(
                "jdbc:h2:mem:",
                database,
                Dialect.OTHER,
                migration,
                List.of(),
                new Pool(database, Runnable::run),
                event -> {},
                new DatabaseSettings(second, second, second));
        watch.afterPropertiesSet();
        Awaitility.await().until(() -> end.get().equals("begun"));

        watch.destroy();

        assertThat(end).hasValue("complete");
    }

    private static DatabaseWatch watch(Consumer<DatabaseWatch> meanwhile) {
        AtomicReference<DatabaseWatch> watch = new AtomicReference<>();
        AbstractDataSource gone = new AbstractDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                meanwhile.accept(watch.get());
                throw new SQLException("gone");
            }

            @Override
            public Connection getConnection(String user, String password) throws SQLException {
                return getConnection();
            }
        };
        Duration second = Duration.ofSeconds(1);
        watch.set(new DatabaseWatch(
                "jdbc:x://host/app",
                gone,
                Dialect.OTHER,
                () -> {},
                List.of(),
                new Pool(gone, Runnable::run),
                event -> {},
                new DatabaseSettings(second, second, second)));
        return watch.get();
    }
}
