package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Deadline;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientStatusTest {

    @ParameterizedTest
    @CsvSource({
        "CANCELLED,         -5,    DEADLINE_EXCEEDED",
        "CANCELLED,         5,     DEADLINE_EXCEEDED",
        "CANCELLED,         60000, CANCELLED",
        "CANCELLED,         ,      CANCELLED",
        "OK,                -5,    OK",
        "DEADLINE_EXCEEDED, 60000, DEADLINE_EXCEEDED"
    })
    void aCancellationAtTheDeadlineIsOneByTheDeadline(
            Status.Code status, @Nullable Integer millisLeft, Status.Code seen) {
        Deadline deadline = millisLeft == null ? null : Deadline.after(millisLeft, TimeUnit.MILLISECONDS);

        assertThat(ClientStatus.of(status.toStatus(), deadline)).isEqualTo(seen);
    }
}
