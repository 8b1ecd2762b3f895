package dev.greeter.server.call;

import io.grpc.Deadline;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The status that a caller saw: a client cancels a call at its deadline, but reports DEADLINE_EXCEEDED, and a closed
 * connection cancels all its calls, whatever the status of grpc-java for a failed write.
 */
final class ClientStatus {

    /** The clocks of client and server start at different times, on both sides of the network. */
    private static final long MILLIS_APART = 10;

    private static final String CONNECTION_GONE = "connection terminated for unknown reason";
    private static final String STREAM_GONE = "that no longer exists";

    private ClientStatus() {}

    static Status.Code of(Status status, @Nullable Deadline deadline, @Nullable CallDeadline call) {
        Status.Code code = isAbandoned(status, call) ? Status.Code.CANCELLED : status.getCode();
        return code == Status.Code.CANCELLED
                        && deadline != null
                        && deadline.timeRemaining(TimeUnit.MILLISECONDS) < MILLIS_APART
                ? Status.Code.DEADLINE_EXCEEDED
                : code;
    }

    private static boolean isAbandoned(Status status, @Nullable CallDeadline call) {
        return switch (status.getCode()) {
            case UNKNOWN, UNAVAILABLE ->
                (CONNECTION_GONE.equals(status.getDescription()) || isFailedWrite(status.getCause()))
                        // A service may pass on this status of its own call to another server.
                        && (call == null || !call.isEndedWith(status.getCode()));
            default -> false;
        };
    }

    private static boolean isFailedWrite(@Nullable Throwable cause) {
        return cause instanceof IOException
                || (cause instanceof IllegalStateException
                        && String.valueOf(cause.getMessage()).endsWith(STREAM_GONE));
    }
}
