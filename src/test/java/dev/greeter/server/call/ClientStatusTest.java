package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Deadline;
import io.grpc.Status;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
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

        assertThat(ClientStatus.of(status.toStatus(), deadline, null)).isEqualTo(seen);
    }

    @Test
    void aCallWhoseConnectionIsGoneIsCancelled() {
        assertThat(Stream.of(
                        Status.UNAVAILABLE.withDescription("connection terminated for unknown reason"),
                        Status.UNAVAILABLE.withDescription("io exception").withCause(new IOException("Broken pipe")),
                        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException()),
                        Status.UNKNOWN.withCause(
                                new IllegalStateException("attempting to write to stream 3 that no longer exists"))))
                .extracting(status -> ClientStatus.of(status, null, null))
                .containsOnly(Status.Code.CANCELLED);
    }

    @Test
    void whatTheServerItselfSaysStays() {
        assertThat(Stream.of(
                        Status.UNAVAILABLE.withDescription("Server shutdownNow invoked"),
                        Status.UNKNOWN.withCause(new IllegalStateException("bug"))))
                .extracting(status -> ClientStatus.of(status, null, null))
                .containsExactly(Status.Code.UNAVAILABLE, Status.Code.UNKNOWN);
    }
}
