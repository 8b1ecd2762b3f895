package dev.greeter.users;

import io.grpc.Context;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionOperations;

/** Runs work on the database for a call: not while it is away, and no longer than the call lasts. */
final class Database {

    // Connection exceptions; shutdowns of PostgreSQL, and that it has no connection left; H2 closed or in use
    // elsewhere.
    private static final Set<String> AWAY = Set.of("57P01", "57P02", "57P03", "53300", "90020", "90098", "90121");

    private final DatabaseWatch watch;
    private final CallStatements statements;
    private final TransactionOperations transactions;

    Database(DatabaseWatch watch, CallStatements statements, TransactionOperations transactions) {
        this.watch = watch;
        this.statements = statements;
        this.transactions = transactions;
    }

    /** Runs the work in a transaction, which is durable when this returns. */
    <T> T transaction(Supplier<T> work) {
        return run(() -> transactions.execute(status -> work.get()));
    }

    /** Runs the work statement by statement. */
    <T> T run(Supplier<T> work) {
        Context call = Context.current();
        if (call.isCancelled()) {
            throw new UserFailure.CallEnded();
        }
        if (!watch.available()) {
            throw new UserFailure.DatabaseUnavailable(null);
        }
        try {
            return statements.run(work);
        } catch (UserFailure failure) {
            throw failure;
        } catch (RuntimeException e) {
            if (call.isCancelled()) {
                throw new UserFailure.CallEnded();
            }
            if (isAway(e)) {
                watch.suspect();
                throw new UserFailure.DatabaseUnavailable(e);
            }
            if (e instanceof ConcurrencyFailureException) {
                throw new UserFailure.ChangedConcurrently(e);
            }
            throw e;
        }
    }

    private static boolean isAway(@Nullable Throwable failure) {
        if (failure instanceof TransactionSystemException ending && isAway(ending.getApplicationException())) {
            // What broke the work also broke its rollback, which only says that the connection is closed.
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException
                    || cause instanceof SQLNonTransientConnectionException
                    || cause instanceof SQLRecoverableException
                    || cause instanceof IOException
                    || (cause instanceof SQLException sql && isAway(sql.getSQLState()))) {
                return true;
            }
        }
        return false;
    }

    /** Without a state it is no answer of the database but the pool or the driver, which could not ask it. */
    private static boolean isAway(@Nullable String state) {
        return state == null || state.startsWith("08") || AWAY.contains(state);
    }
}
