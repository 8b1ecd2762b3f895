package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reason of a failure that the log names. */
class ProblemsTest {

    @ParameterizedTest
    @ValueSource(strings = {"Connect timed out", "Read timed out", "Connection attempt timed out."})
    void eachPartOfACheckThatGetsNoAnswerIsTheSame(String message) {
        assertThat(Problems.text(new SQLException("I/O error", "08006", new SocketTimeoutException(message))))
                .isEqualTo(Problems.SILENCE);
    }

    @Test
    void aFullDiskOfPostgresqlIsTheSameForEachFile() {
        assertThat(Problems.text(new SQLException("could not extend file \"base/5/16384\"", "53100")))
                .isEqualTo("its disk is full");
    }

    @Test
    void linesAreJoined() {
        assertThat(Problems.text(new SQLException("ERROR: no\n  Hint: none"))).isEqualTo("ERROR: no; Hint: none");
    }
}
