package dev.greeter.database;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionSystemException;

/** The meaning of a failure of the database, by its SQLSTATE: the standard's, PostgreSQL's (appendix A) and H2's. */
enum SqlProblem {

    /** The database cannot be reached. */
    AWAY,

    /** The database lacks a schema, table, column or privilege. */
    GONE,

    /** The database accepts no changes: it is read-only, or its disk is full. */
    READ_ONLY,

    /** The database ended the statement, for lack of time or memory, or on request. */
    ENDED,

    /** The statement conflicts with another transaction on the same rows. */
    CONFLICT,

    /** A fault of the statement. */
    FAULT;

    private static final Set<String> READ_ONLY_STATES = Set.of("25006", "53100", "90097");

    // A prepared statement that is missing or of another session, behind a proxy; idle in transaction for too long; no
    // such database; no connection left; a database
    // that does not accept connections or is in use.
    private static final Set<String> AWAY_STATES =
            Set.of("26000", "42P05", "25P03", "3D000", "53300", "55000", "55006");

    private static final Set<String> GONE_STATES =
            Set.of("3F000", "42P01", "42703", "42704", "42883", "42501", "42S02", "42S22", "42S04", "90079");

    // The session or the database is closed, locked, damaged, of another version, or cannot be read.
    private static final Set<String> H2_AWAY_STATES = Set.of(
            "90007", "90013", "90020", "90028", "90030", "90031", "90048", "90049", "90062", "90067", "90098", "90117",
            "90121", "90124", "90135", "90146");

    private static final Set<String> CONFLICT_STATES = Set.of("55P03", "HYT00", "90131");

    /** Returns the meaning of the failure; of several causes the first that is not a fault decides. */
    static SqlProblem of(@Nullable Throwable failure) {
        SqlProblem problem = FAULT;
        if (failure instanceof TransactionSystemException ending && ending.getApplicationException() != null) {
            // The rollback often only reports that the connection is closed; not after a refusal of the service itself.
            problem = of(ending.getApplicationException());
            if (problem != FAULT) {
                return problem;
            }
        }
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            problem = worse(problem, ofOne(cause));
        }
        return problem;
    }

    private static @Nullable Throwable next(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null && failure instanceof SQLException sql ? sql.getNextException() : cause;
    }

    /** A full disk closes H2's store and then the connection: the first cause is more specific. */
    private static SqlProblem worse(SqlProblem known, SqlProblem next) {
        return next == READ_ONLY || known == FAULT ? next : known;
    }

    private static SqlProblem ofOne(Throwable cause) {
        if (cause instanceof SQLException sql) {
            return ofSql(sql);
        }
        if (cause instanceof IOException) {
            return acceptsNoChanges(cause) ? READ_ONLY : AWAY;
        }
        // Reported for a damaged or closed store of H2, which is an optional dependency.
        return cause.getClass().getName().equals("org.h2.mvstore.MVStoreException") ? AWAY : FAULT;
    }

    private static SqlProblem ofSql(SQLException failure) {
        if (failure instanceof SQLTransientConnectionException
                || failure instanceof SQLNonTransientConnectionException
                || failure instanceof SQLRecoverableException) {
            return AWAY;
        }
        String state = failure.getSQLState();
        if (state == null) {
            // No answer of the database: the pool or the driver could not reach it.
            return AWAY;
        }
        if (READ_ONLY_STATES.contains(state)) {
            return READ_ONLY;
        }
        if (GONE_STATES.contains(state)) {
            return GONE;
        }
        if (AWAY_STATES.contains(state) || H2_AWAY_STATES.contains(state) || isAwayClass(state)) {
            return AWAY;
        }
        if (state.startsWith("40") || CONFLICT_STATES.contains(state)) {
            return CONFLICT;
        }
        if (state.startsWith("53") || state.equals("57014") || state.equals("25P04") || state.equals("90108")) {
            return ENDED;
        }
        return FAULT;
    }

    /** Connection exceptions, refused logins, operator intervention (but for a cancelled query), system errors. */
    private static boolean isAwayClass(String state) {
        return state.startsWith("08")
                || state.startsWith("28")
                || (state.startsWith("57") && !state.equals("57014"))
                || state.startsWith("58");
    }

    /** Errors of the operating system (ENOSPC, EDQUOT, EFBIG, EROFS), which Java has only as text. */
    private static boolean acceptsNoChanges(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("No space left")
                || message.contains("quota exceeded")
                || message.contains("File too large")
                || message.contains("Read-only file system");
    }
}
