package dev.greeter.users;

import io.grpc.Context;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/** A {@link JdbcTemplate} whose statements end when the call they run for is cancelled or passes its deadline. */
final class CallStatements extends JdbcTemplate {

    private static final Logger log = LoggerFactory.getLogger(CallStatements.class);
    private static final int CANCELS = 20;
    private static final int MILLIS_BETWEEN_CANCELS = 250;
    private static final ThreadLocal<Work> CURRENT = new ThreadLocal<>();

    private final Executor workers;

    /** @param workers what cancels: that may take a connection, and must not keep a transport waiting */
    CallStatements(DataSource dataSource, Executor workers) {
        super(dataSource);
        this.workers = workers;
    }

    /** Does the work of the current call, ending its statements when the call ends. */
    <T> T run(Supplier<T> task) {
        Context call = Context.current();
        Work work = new Work();
        call.addListener(work, workers);
        CURRENT.set(work);
        try {
            return task.get();
        } finally {
            CURRENT.remove();
            call.removeListener(work);
            work.end();
        }
    }

    @Override
    protected void applyStatementSettings(Statement statement) throws SQLException {
        super.applyStatementSettings(statement);
        running(statement);
    }

    /** Says that the work of this thread runs this statement from now on. */
    void running(Statement statement) throws SQLException {
        Work work = CURRENT.get();
        if (work != null) {
            work.running(statement);
        }
    }

    private final class Work implements Context.CancellationListener {

        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Statement statement;
        private volatile boolean cancelled;

        void running(Statement next) throws SQLException {
            statement = next;
            if (cancelled) {
                throw new SQLException("The call has ended.");
            }
        }

        synchronized void end() {
            ended.countDown();
        }

        /** Repeats the cancel, as it may come before the statement starts; then gives the connection up. */
        @Override
        public void cancelled(Context call) {
            cancelled = true;
            try {
                for (int i = 0; i < CANCELS; i++) {
                    Statement running = statement;
                    if (running != null) {
                        cancel(running);
                    }
                    if (ended.await(MILLIS_BETWEEN_CANCELS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
                abort();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void cancel(Statement running) {
            try {
                running.cancel();
            } catch (SQLException e) {
                log.debug("A statement could not be cancelled", e);
            }
        }

        /** Frees a worker that waits for a database which neither answers nor goes away. */
        private synchronized void abort() {
            Statement running = statement;
            if (running == null || ended.getCount() == 0) {
                return;
            }
            try {
                Connection connection = running.getConnection();
                connection.abort(workers);
            } catch (SQLException e) {
                log.debug("A connection could not be aborted", e);
            }
        }
    }
}
