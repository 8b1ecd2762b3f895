package dev.greeter.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

/** A connection that a call keeps for several pieces of work, such as that of a cursor. */
public final class HeldConnection implements AutoCloseable {

    private final Database database;
    private final Pool pool;
    private final Connection connection;
    private boolean unusable;

    private HeldConnection(Database database) {
        this.database = database;
        this.pool = database.pool();
        this.connection = database.connection();
    }

    /** Returns a connection that the caller has to close. */
    public static HeldConnection of(Database database) {
        return database.guarded(() -> new HeldConnection(database));
    }

    public Connection connection() {
        return connection;
    }

    /**
     * Begins a transaction that only reads, in a piece of work.
     *
     * @param idle time between two pieces of work after which this process counts as gone
     */
    public void beginReading(Duration idle) throws SQLException {
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        database.limitIdle(connection, idle);
    }

    /** Does a piece of work on the connection; {@link Database#running} has to register its statements. */
    public <T> T run(Supplier<T> task) {
        return database.guarded(() -> {
            Work work = new Work(connection);
            try {
                return pool.run(work, task);
            } finally {
                unusable |= work.unusable();
            }
        });
    }

    /** Returns the connection to the pool, which ends its transaction and restores its state. */
    @Override
    public void close() {
        pool.release(connection, unusable);
    }
}
