package dev.greeter.server.call;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs failures of the server once, with their causes, which are not sent to callers. */
final class FailureLog {

    private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

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

    private static boolean isOurs(Status status) {
        return switch (status.getCode()) {
            case UNKNOWN, INTERNAL, DATA_LOSS -> !(status.getCause() instanceof CallerMistake);
            default -> false;
        };
    }
}
