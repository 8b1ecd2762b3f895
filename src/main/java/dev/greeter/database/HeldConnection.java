package dev.greeter.database;

import java.sql.Connection;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A connection that a call keeps over several pieces of work, such as the one of a cursor. */
public final class HeldConnection implements AutoCloseable {

    private final Database database;
    private final Pool pool;
    private final Executor cancels;
    private final Connection connection;
    private boolean spoiled;

    HeldConnection(Database database, Pool pool, Executor cancels, Connection connection) {
        this.database = database;
        this.pool = pool;
        this.cancels = cancels;
        this.connection = connection;
    }

    public Connection connection() {
        return connection;
    }

    /** Does a piece of work on the connection; its statements have to be made known by {@link Database#running}. */
    public <T> T run(Supplier<T> task) {
        return database.guarded(() -> {
            Work work = new Work(connection, cancels);
            try {
                return work.run(task);
            } finally {
                spoiled |= work.spoiled();
            }
        });
    }

    /** Gives the connection back; the pool ends its transaction and restores its state. */
    @Override
    public void close() {
        pool.giveBack(connection, spoiled);
    }
}
