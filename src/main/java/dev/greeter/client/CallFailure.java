package dev.greeter.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
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
            case UNAUTHENTICATED ->
                "send a token that the server takes, by greeter.client.token or greeter.client.token-file,"
                        + " and to another host over TLS alone.";
            case PERMISSION_DENIED -> "these credentials do not allow the call.";
            case RESOURCE_EXHAUSTED -> "the server is at a limit; try again later.";
            default -> "see the log of the server.";
        };
    }

    private static String unavailable(@Nullable Throwable cause, String description) {
        if (has(cause, SSLException.class)) {
            return tls(cause);
        }
        if (has(cause, UnknownHostException.class) || description.startsWith("Unable to resolve host")) {
            return "no such host; check grpc.client.greeter.address.";
        }
        if (has(cause, ConnectException.class)) {
            return "no server listens there; start it with \"java -jar greeter.jar\""
                    + " or correct grpc.client.greeter.address.";
        }
        String lower = description.toLowerCase(Locale.ROOT);
        if (lower.contains("network closed")
                || lower.contains("connection closed")
                || lower.contains("settings")
                || says(cause, "reset by peer")
                || says(cause, "Broken pipe")) {
            return "the connection broke before the first answer; if the server uses TLS, set"
                    + " grpc.client.greeter.negotiation-type=tls.";
        }
        return "the server cannot be reached or is stopping; try again.";
    }

    private static String tls(@Nullable Throwable failure) {
        String settings = "grpc.client.greeter.security.";
        if (has(failure, NotSslRecordException.class)) {
            return "the server speaks no TLS; set grpc.client.greeter.negotiation-type=plaintext.";
        }
        if (has(failure, CertificateExpiredException.class)) {
            return "the certificate of the server has expired.";
        }
        if (has(failure, CertPathBuilderException.class)) {
            return "the client does not trust the certificate of the server; name its authority in " + settings
                    + "trust-cert-collection.";
        }
        if (says(failure, "No subject alternative") || says(failure, "No name matching")) {
            return "the certificate of the server is for another host; correct grpc.client.greeter.address or set "
                    + settings + "authority-override.";
        }
        if (says(failure, "CERTIFICATE_REQUIRED")) {
            return "the server wants a client certificate; set " + settings + "client-auth-enabled=true, "
                    + "certificate-chain and private-key.";
        }
        return "TLS failed; check grpc.client.greeter.negotiation-type and " + settings + "*.";
    }

    private static boolean says(@Nullable Throwable failure, String text) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(text)) {
                return true;
            }
        }
        return false;
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
