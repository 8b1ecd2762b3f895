package dev.greeter.database;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.DataSourceUnwrapper;

/** The connections of calls: lent for one piece of work, and discarded when they cannot be used again. */
final class Pool {

    private static final Logger log = LoggerFactory.getLogger(Pool.class);

    private final DataSource dataSource;
    private final Executor cancels;
    private final @Nullable HikariDataSource hikari;
    private final Set<Work> works = ConcurrentHashMap.newKeySet();
    private volatile int minimumIdle;

    /** @param cancels runs cancellations, which may wait for the database */
    Pool(DataSource dataSource, Executor cancels) {
        this.dataSource = dataSource;
        this.cancels = cancels;
        this.hikari = hikari(dataSource);
    }

    /** Returns the pool, unwrapped, or null if the data source is of another kind. */
    static @Nullable HikariDataSource hikari(DataSource dataSource) {
        return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
    }

    DataSource dataSource() {
        return dataSource;
    }

    /** Returns the maximum number of connections. */
    int size() {
        return hikari == null ? Integer.MAX_VALUE : hikari.getMaximumPoolSize();
    }

    /** Returns a connection with autocommit, whatever the settings of the pool. */
    Connection acquire() throws SQLException {
        Connection connection = dataSource.getConnection();
        try {
            if (!connection.getAutoCommit()) {
                connection.setAutoCommit(true);
            }
            return connection;
        } catch (SQLException e) {
            release(connection, true);
            throw e;
        }
    }

    void release(Connection connection, boolean unusable) {
        try (connection) {
            if (unusable) {
                discard(connection);
            }
        } catch (SQLException e) {
            log.debug("A connection was discarded, or could not be closed", e);
        }
    }

    /** Does a piece of work of a call on a connection, and returns whether the connection can be used again. */
    <T> T run(Work work, Supplier<T> task) {
        works.add(work);
        try {
            return work.run(task, cancels);
        } finally {
            works.remove(work);
        }
    }

    /** Ends the work that has begun before: it waits for a server that has gone, and occupies a connection. */
    void abandonBefore(long time) {
        for (Work work : works) {
            if (work.begin() - time < 0) {
                cancels.execute(work::abandon);
            }
        }
    }

    /** Discards all connections, those in use after their return, or opens the pool, which then exports its metrics. */
    void renew() {
        HikariPoolMXBean pool = hikari == null ? null : hikari.getHikariPoolMXBean();
        if (pool != null) {
            pool.softEvictConnections();
        } else if (hikari != null) {
            open();
        }
    }

    /**
     * Stops or continues opening connections in advance: after some failed attempts the pool would pause for up to five
     * seconds, and calls would wait for it although the database is back.
     */
    void keepIdle(boolean keeps) {
        if (hikari == null || hikari.getHikariPoolMXBean() == null) {
            return;
        }
        if (keeps) {
            hikari.setMinimumIdle(Math.max(minimumIdle, hikari.getMinimumIdle()));
        } else if (hikari.getMinimumIdle() > 0) {
            minimumIdle = hikari.getMinimumIdle();
            hikari.setMinimumIdle(0);
        }
    }

    private void open() {
        try {
            release(dataSource.getConnection(), false);
        } catch (SQLException e) {
            log.debug("The pool has no connection yet", e);
        }
    }

    /** Closes the physical connection and makes the pool notice it: the pool does not check returned connections. */
    private static void discard(Connection connection) throws SQLException {
        Connection physical = connection.unwrap(Connection.class);
        physical.abort(Runnable::run);
        if (!physical.isClosed()) {
            // H2 does not implement abort.
            physical.close();
        }
        connection.createStatement();
    }
}
