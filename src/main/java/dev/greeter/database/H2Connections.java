package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Properties;
import org.h2.Driver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Connections to H2 that undo the changes of a transaction and then commit it, instead of rolling it back. H2 2.4.240
 * ends a transaction twice if its rollback finds the disk full; after that, statements of the same database may never
 * return, each on a processor of its own.
 */
final class H2Connections extends SimpleDriverDataSource {

    private static final Logger log = LoggerFactory.getLogger(H2Connections.class);

    /** @param pool which does not pass its password on if it has no username */
    H2Connections(String url, HikariDataSource pool) {
        this(url, pool.getUsername(), pool.getPassword());
        setConnectionProperties(pool.getDataSourceProperties());
    }

    private H2Connections(String url, @Nullable String username, @Nullable String password) {
        super(Driver.load(), url);
        setUsername(username);
        setPassword(password);
    }

    static H2Connections like(SimpleDriverDataSource other) {
        return new H2Connections(String.valueOf(other.getUrl()), other.getUsername(), other.getPassword());
    }

    @Override
    protected Connection getConnectionFromDriver(Properties login) throws SQLException {
        Connection connection = super.getConnectionFromDriver(login);
        return (Connection) Proxy.newProxyInstance(
                H2Connections.class.getClassLoader(), new Class<?>[] {Connection.class}, new Undoing(connection));
    }

    /** Does nothing: to open a file takes no login. */
    @Override
    public void setLoginTimeout(int seconds) {}

    /** Marks where each transaction begins, since H2 can undo only what follows a mark. */
    private static final class Undoing implements InvocationHandler {

        private static final String BEGIN = "service_begin";

        private final Connection connection;
        private @Nullable Savepoint begin;

        Undoing(Connection connection) {
            this.connection = connection;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            String name = method.getName();
            if (name.equals("rollback") && arguments == null && begin != null) {
                undo(begin);
                return null;
            }
            if (name.equals("close")) {
                undoBeforeClose();
            }
            Object result;
            try {
                result = method.invoke(connection, arguments);
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
            if (name.equals("commit")
                    || (name.equals("setAutoCommit") && connection.getAutoCommit() == (begin != null))) {
                begin();
            }
            return result;
        }

        private void begin() {
            begin = null;
            try {
                if (!connection.getAutoCommit()) {
                    begin = connection.setSavepoint(BEGIN);
                }
            } catch (SQLException e) {
                log.debug("The database has been closed", e);
            }
        }

        private void undo(Savepoint begin) throws SQLException {
            try {
                connection.rollback(begin);
            } catch (SQLException e) {
                // A statement that defines data has ended that transaction, or the database has been closed.
                connection.rollback();
                return;
            }
            connection.commit();
            begin();
        }

        private void undoBeforeClose() {
            try {
                if (begin != null && !connection.isClosed()) {
                    undo(begin);
                }
            } catch (SQLException e) {
                log.debug("A transaction could not be undone before the connection is closed", e);
            }
        }
    }
}
