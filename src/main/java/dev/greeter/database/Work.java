package dev.greeter.database;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Context;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of one call on one connection, ended with the call. A statement is cancelled only while this work owns the
 * connection, and the connection is not used again afterwards: H2 keeps the cancel flag with the text of a statement,
 * and PostgreSQL may receive a cancel late.
 */
final class Work implements Context.CancellationListener {

    private static final Logger log = LoggerFactory.getLogger(Work.class);
    private static final long NANOS_TO_CANCEL = TimeUnit.SECONDS.toNanos(2);
    private static final int MILLIS_BETWEEN_CANCELS = 250;
    private static final ThreadLocal<Work> CURRENT = new ThreadLocal<>();

    private final Connection connection;
    private final long begin = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition end = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Statement statement;

    @GuardedBy("lock")
    private boolean callEnded;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private boolean unusable;

    Work(Connection connection) {
        this.connection = connection;
    }

    long begin() {
        return begin;
    }

    /**
     * Does the work, and cancels its statements when the current call ends.
     *
     * @param cancels runs the cancellation, which may wait for the database
     */
    <T> T run(Supplier<T> task, Executor cancels) {
        Context call = Context.current();
        call.addListener(this, cancels);
        CURRENT.set(this);
        try {
            return task.get();
        } finally {
            CURRENT.remove();
            call.removeListener(this);
            end();
        }
    }

    /** Returns whether this thread does the work of a call. */
    static boolean isRunning() {
        return CURRENT.get() != null;
    }

    /** Registers the statement that the work of this thread runs next. */
    static void running(Statement statement) throws SQLException {
        Work work = CURRENT.get();
        if (work != null) {
            work.runs(statement);
        }
    }

    /** Returns whether the connection must not be used again. */
    boolean unusable() {
        lock.lock();
        try {
            return unusable;
        } finally {
            lock.unlock();
        }
    }

    /** Repeats the cancel, which may arrive before the statement starts; then aborts the connection. */
    @Override
    public void cancelled(Context call) {
        lock.lock();
        try {
            callEnded = true;
            long first = System.nanoTime();
            while (!ended && System.nanoTime() - first < NANOS_TO_CANCEL) {
                cancel();
                long nanos = TimeUnit.MILLISECONDS.toNanos(MILLIS_BETWEEN_CANCELS);
                while (!ended && nanos > 0) {
                    nanos = end.awaitNanos(nanos);
                }
            }
            abort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the work on a connection to a server that has gone. */
    void abandon() {
        lock.lock();
        try {
            abort();
        } finally {
            lock.unlock();
        }
    }

    private void runs(Statement next) throws SQLException {
        lock.lock();
        try {
            if (callEnded) {
                throw new SQLException("The call has ended.");
            }
            statement = next;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            end.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void cancel() {
        if (statement != null) {
            unusable = true;
            try {
                statement.cancel();
            } catch (SQLException e) {
                log.debug("A statement could not be cancelled", e);
            }
        }
    }

    /** Frees a worker that waits for a database that neither answers nor closes the connection. */
    @GuardedBy("lock")
    private void abort() {
        if (ended) {
            return;
        }
        unusable = true;
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            log.debug("A connection could not be aborted", e);
        }
    }
}
