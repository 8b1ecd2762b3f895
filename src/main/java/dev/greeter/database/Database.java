package dev.greeter.database;

import io.grpc.Context;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs the database work of a call, unless the database is away, and no longer than the call lasts. Failures of the
 * database become a {@link DatabaseFailure}.
 */
public final class Database {

    private final DatabaseWatch watch;
    private final Pool pool;
    private final CallTemplate template;
    private final TransactionOperations transactions;
    private final DatabaseSettings settings;

    Database(DatabaseWatch watch, Pool pool, TransactionOperations transactions, DatabaseSettings settings) {
        this.watch = watch;
        this.pool = pool;
        this.template = new CallTemplate(pool.dataSource());
        this.transactions = transactions;
        this.settings = settings;
    }

    /** Returns the template for statements within {@link #read}, {@link #write} and {@link #transaction}. */
    public JdbcTemplate template() {
        return template;
    }

    /** Reads data, each statement on its own, even while the database accepts no changes. */
    public <T> T read(Supplier<T> work) {
        return guarded(() -> onConnection(work));
    }

    /** Changes data, each statement on its own and durable when it returns. */
    public <T> T write(Supplier<T> work) {
        watch.requireWritable();
        return guarded(() -> onConnection(work));
    }

    /** Changes data in a transaction that is durable when this method returns. */
    public <T> T transaction(Supplier<T> work) {
        return write(() -> transactions.execute(status -> work.get()));
    }

    /**
     * Waits until the changes of others that the current work has seen are durable, as an answer that is based on them
     * must not be lost: H2 shows changes before it has written them.
     */
    public void awaitDurability() {
        template.execute((ConnectionCallback<@Nullable Void>) connection -> {
            watch.dialect().write(connection);
            return null;
        });
    }

    /** Returns the maximum number of connections, of which each {@link HeldConnection} occupies one. */
    public int connections() {
        return pool.size();
    }

    /** Registers the statement that the work of this thread runs next; {@link #template} does so itself. */
    public void running(Statement statement) throws SQLException {
        Work.running(statement);
    }

    Pool pool() {
        return pool;
    }

    DatabaseSettings settings() {
        return settings;
    }

    void limitIdle(Connection connection, Duration idle) throws SQLException {
        watch.dialect().limitIdle(connection, idle);
    }

    /** Does work that needs the database, and translates failures of the database into a {@link DatabaseFailure}. */
    <T> T guarded(Supplier<T> work) {
        Context call = Context.current();
        if (call.isCancelled()) {
            throw new DatabaseFailure.CallEnded();
        }
        watch.requireAvailable();
        try {
            return work.get();
        } catch (DatabaseFailure failure) {
            throw failure;
        } catch (RuntimeException e) {
            SqlProblem problem = SqlProblem.of(e);
            if (problem != SqlProblem.FAULT && call.isCancelled()) {
                throw new DatabaseFailure.CallEnded();
            }
            throw switch (problem) {
                case AWAY -> {
                    watch.checkNow();
                    yield new DatabaseFailure.Unavailable("The database cannot be reached at the moment.", e);
                }
                case GONE -> {
                    watch.reconnectNext();
                    yield new DatabaseFailure.Unavailable("The database lacks something that this service needs.", e);
                }
                case READ_ONLY -> {
                    watch.refusedChange(e);
                    yield new DatabaseFailure.Unavailable("The database accepts no changes at the moment.", e);
                }
                case ENDED -> new DatabaseFailure.Unavailable("The database ended the statement.", e);
                case CONFLICT -> new DatabaseFailure.Conflict(e);
                case FAULT -> e;
            };
        }
    }

    private <T> T onConnection(Supplier<T> task) {
        if (Work.isRunning()) {
            return task.get();
        }
        DataSource dataSource = pool.dataSource();
        Connection connection = connection();
        Work work = new Work(connection);
        ConnectionHolder holder = new ConnectionHolder(connection);
        holder.requested();
        TransactionSynchronizationManager.bindResource(dataSource, holder);
        try {
            return pool.run(work, task);
        } finally {
            TransactionSynchronizationManager.unbindResource(dataSource);
            pool.release(connection, work.unusable());
        }
    }

    /** Returns a connection of the pool, to which the caller has to release it. */
    Connection connection() {
        try {
            return pool.acquire();
        } catch (SQLException e) {
            throw new CannotGetJdbcConnectionException("No connection", e);
        }
    }
}
