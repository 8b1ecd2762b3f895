package dev.greeter.server.call;

import io.grpc.Deadline;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The status that a caller saw: a client cancels a call at its deadline, but reports DEADLINE_EXCEEDED. */
final class ClientStatus {

    /** The clocks of client and server start at different times, on both sides of the network. */
    private static final long MILLIS_APART = 10;

    private ClientStatus() {}

    static Status.Code of(Status status, @Nullable Deadline deadline) {
        Status.Code code = status.getCode();
        return code == Status.Code.CANCELLED
                        && deadline != null
                        && deadline.timeRemaining(TimeUnit.MILLISECONDS) < MILLIS_APART
                ? Status.Code.DEADLINE_EXCEEDED
                : code;
    }
}
