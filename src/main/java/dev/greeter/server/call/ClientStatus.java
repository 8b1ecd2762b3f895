package dev.greeter.server.call;

import io.grpc.Deadline;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a caller saw: a client whose deadline passes cancels the call, and tells its own caller of the deadline. */
final class ClientStatus {

    /** Clients and server each start their clocks on their own side of the network. */
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
