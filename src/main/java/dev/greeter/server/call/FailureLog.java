package dev.greeter.server.call;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what failed on our side, once and with its cause: callers are told nothing of it. */
final class FailureLog {

    private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

    /** What {@link io.grpc.stub.ServerCalls} says of a caller who does not send the one request that is due. */
    private static final Set<String> WRONG_NUMBER = Set.of("Too many requests", "Half-closed without a request");

    private FailureLog() {}

    static void log(MethodDescriptor<?, ?> method, Status status) {
        if (isOurs(status)) {
            log.error(
                    "{} failed with {}{}",
                    method.getFullMethodName(),
                    status.getCode(),
                    status.getDescription() == null ? "" : ": " + LogText.of(status.getDescription()),
                    status.getCause());
        }
    }

    @SuppressWarnings("ReferenceEquality") // that one status, not one like it
    private static boolean isOurs(Status status) {
        return switch (status.getCode()) {
            case UNKNOWN, INTERNAL, DATA_LOSS ->
                !(status.getCause() instanceof CallerMistake)
                        && !WRONG_NUMBER.contains(String.valueOf(status.getDescription()));
            default -> false;
        };
    }
}
