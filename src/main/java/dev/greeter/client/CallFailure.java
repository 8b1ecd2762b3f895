package dev.greeter.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Puts a failed call on one line: what was called, where, the status, and what to do. */
final class CallFailure {

    private CallFailure() {}

    static String describe(String method, String address, StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String description = status.getDescription();
        return "Greeter client: " + method + " on " + address + " failed with " + status.getCode()
                + (description == null ? "" : " (" + oneLine(description) + ")") + ": " + advice(status);
    }

    private static String advice(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(status.getCause(), String.valueOf(status.getDescription()));
            case DEADLINE_EXCEEDED -> "the server did not answer in time; try again or raise greeter.client.timeout.";
            case UNIMPLEMENTED -> "another service answers at this address; check grpc.client.greeter.address.";
            case INVALID_ARGUMENT -> "correct the name.";
            case UNAUTHENTICATED -> "the server wants credentials.";
            case PERMISSION_DENIED -> "these credentials do not allow the call.";
            case RESOURCE_EXHAUSTED -> "the server is at a limit; try again later.";
            default -> "see the log of the server.";
        };
    }

    private static String unavailable(@Nullable Throwable cause, String description) {
        if (has(cause, SSLException.class)) {
            return "TLS failed; check grpc.client.greeter.negotiation-type and grpc.client.greeter.security.*.";
        }
        if (has(cause, UnknownHostException.class) || description.startsWith("Unable to resolve host")) {
            return "no such host; check grpc.client.greeter.address.";
        }
        if (has(cause, ConnectException.class)) {
            return "no server listens there; start it with \"java -jar greeter.jar\""
                    + " or correct grpc.client.greeter.address.";
        }
        String lower = description.toLowerCase(Locale.ROOT);
        if (lower.contains("network closed") || lower.contains("connection closed") || lower.contains("settings")) {
            return "the connection broke before the first answer; if the server uses TLS, set"
                    + " grpc.client.greeter.negotiation-type=tls.";
        }
        return "the server cannot be reached or is stopping; try again.";
    }

    private static boolean has(@Nullable Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(String text) {
        return text.lines().findFirst().orElse("");
    }
}
