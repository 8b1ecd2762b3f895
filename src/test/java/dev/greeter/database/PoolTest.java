package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThatCode;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The pool of calls while the database is away. */
class PoolTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aCallFindsAConnectionAsSoonAsTheDatabaseIsBack() {
        Gate database = new Gate();
        try (HikariDataSource connections = new HikariDataSource()) {
            connections.setDataSource(database);
            connections.setMinimumIdle(2);
            connections.setInitializationFailTimeout(-1);
            connections.setConnectionTimeout(SECOND.toMillis());
            DatabaseWatch watch = new DatabaseWatch(
                    "gate",
                    database,
                    Dialect.OTHER,
                    () -> {},
                    List.of(),
                    new Pool(connections, Runnable::run),
                    event -> {},
                    new DatabaseSettings(SECOND, SECOND, SECOND));
            watch.afterPropertiesSet();
            await(watch, State.USABLE);

            database.close();
            connections.getHikariPoolMXBean().softEvictConnections();
            await(watch, State.AWAY);
            // By then HikariCP pauses for five seconds.
            Awaitility.await().pollDelay(Duration.ofSeconds(6)).until(() -> watch.state() == State.AWAY);
            database.open();
            await(watch, State.USABLE);

            assertThatCode(() -> connections.getConnection().close()).doesNotThrowAnyException();
            watch.destroy();
        }
    }

    private static void await(DatabaseWatch watch, State state) {
        Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> watch.state() == state);
    }

    /** A database that can be closed to connections, which also ends those that are open. */
    private static final class Gate extends AbstractDataSource {

        private final DriverManagerDataSource database = new DriverManagerDataSource("jdbc:h2:mem:");
        private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
        private volatile boolean closed;

        void open() {
            closed = false;
        }

        void close() {
            closed = true;
            for (Connection connection : connections) {
                try {
                    connection.close();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public Connection getConnection() throws SQLException {
            if (closed) {
                throw new SQLException("closed", "08001");
            }
            Connection connection = database.getConnection();
            connections.add(connection);
            return connection;
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }
    }
}
