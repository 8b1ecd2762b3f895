package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.TransactionSystemException;

/** The meaning of failures by the SQLSTATEs of the standard, of PostgreSQL and of H2. */
class SqlProblemTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        // connection exceptions, and logins that are refused
        "08000, AWAY",
        "08001, AWAY",
        "08006, AWAY",
        "08P01, AWAY",
        "28000, AWAY",
        "28P01, AWAY",
        // PostgreSQL: shut down, crashed, starting, database dropped, idle for too long
        "57P01, AWAY",
        "57P02, AWAY",
        "57P03, AWAY",
        "57P04, AWAY",
        "57P05, AWAY",
        "25P03, AWAY",
        "3D000, AWAY",
        "53300, AWAY",
        "55000, AWAY",
        "55006, AWAY",
        "58030, AWAY",
        "26000, AWAY",
        "42P05, AWAY",
        // H2: closed, in use, not found, damaged, of another version, not readable
        "90007, AWAY",
        "90013, AWAY",
        "90020, AWAY",
        "90028, AWAY",
        "90030, AWAY",
        "90031, AWAY",
        "90048, AWAY",
        "90067, AWAY",
        "90098, AWAY",
        "90121, AWAY",
        "90146, AWAY",
        // a schema, table, column or privilege is gone
        "3F000, GONE",
        "42P01, GONE",
        "42703, GONE",
        "42704, GONE",
        "42883, GONE",
        "42501, GONE",
        "42S02, GONE",
        "42S22, GONE",
        "90079, GONE",
        // read-only, disk full
        "25006, READ_ONLY",
        "53100, READ_ONLY",
        "90097, READ_ONLY",
        // serialization failure, deadlock, lock timeouts
        "40001, CONFLICT",
        "40003, CONFLICT",
        "40P01, CONFLICT",
        "55P03, CONFLICT",
        "HYT00, CONFLICT",
        "90131, CONFLICT",
        // cancelled or timed out, out of memory
        "57014, ENDED",
        "25P04, ENDED",
        "53000, ENDED",
        "53200, ENDED",
        "53400, ENDED",
        "90108, ENDED",
        // faults of the statement
        "22001, FAULT",
        "23505, FAULT",
        "42601, FAULT",
        "25P02, FAULT",
        "XX000, FAULT"
    })
    void aStateHasOneMeaning(String state, SqlProblem problem) {
        assertThat(SqlProblem.of(new DataIntegrityViolationException("wrapped", new SQLException("", state))))
                .isEqualTo(problem);
    }

    @Test
    void aPoolWithoutAFreeConnectionCouldNotAsk() {
        assertThat(SqlProblem.of(new SQLTransientConnectionException("timed out")))
                .isEqualTo(SqlProblem.AWAY);
        assertThat(SqlProblem.of(new SQLException("broken"))).isEqualTo(SqlProblem.AWAY);
    }

    @Test
    void whatBrokeTheWorkSaysMoreThanWhatBrokeItsRollback() {
        TransactionSystemException ending = new TransactionSystemException("rollback", new SQLException("", "08003"));
        ending.initApplicationException(new IllegalStateException(new SQLException("", "40001")));

        assertThat(SqlProblem.of(ending)).isEqualTo(SqlProblem.CONFLICT);
    }

    @Test
    void aRollbackThatFailsAfterARefusalSaysWhatIsWrong() {
        TransactionSystemException ending = new TransactionSystemException(
                "rollback", new SQLException("General error", "HY000", new IOException("No space left on device")));
        ending.initApplicationException(new IllegalStateException("refused"));

        assertThat(SqlProblem.of(ending)).isEqualTo(SqlProblem.READ_ONLY);
    }

    @Test
    void aFullDiskIsKnownByItsCause() {
        SQLException full = new SQLException("General error", "HY000", 50_000);
        full.initCause(new MVStoreException(2, "Writing failed").initCause(new IOException("No space left on device")));
        BatchUpdateException batch = new BatchUpdateException("General error", "HY000", 50_000, new int[0]);
        batch.setNextException(full);

        assertThat(SqlProblem.of(batch)).isEqualTo(SqlProblem.READ_ONLY);
        assertThat(SqlProblem.of(new SQLException("closed", "90098", full))).isEqualTo(SqlProblem.READ_ONLY);
    }

    @Test
    void aStoreOfH2ThatIsDamagedIsAway() {
        SQLException damaged = new SQLException("General error", "HY000", 50_000);
        damaged.initCause(new MVStoreException(6, "File is corrupted"));

        assertThat(SqlProblem.of(damaged)).isEqualTo(SqlProblem.AWAY);
    }
}
