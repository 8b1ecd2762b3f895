package dev.greeter.client;

import static dev.greeter.client.Causes.has;
import static dev.greeter.client.Causes.says;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;

/** Describes a failed call in one line: the method, the address, the status and what to do. */
final class CallFailure {

    private static final String ADDRESS = "check grpc.client.greeter.address.";
    private static final String TLS = "grpc.client.greeter.security.";

    /** The parts of the elapsed time, which grpc-java appends. */
    private static final Pattern TIMES = Pattern.compile("\\. Name resolution delay .*");

    /** The TLS alerts by which servers reject the certificate of a client. */
    private static final Pattern CERTIFICATE_ALERT = Pattern.compile(
            "ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\\w+|ACCESS_DENIED|INTERNAL_ERROR"
                    + "|DECRYPT_ERROR)");

    private CallFailure() {}

    static String describe(String method, String address, StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String description = status.getDescription();
        return "Greeter client: " + method + " on " + address + " failed with " + status.getCode()
                + (description == null ? "" : " (" + oneLine(description) + ")") + ": " + advice(status, address);
    }

    private static String advice(Status status, String address) {
        String description = String.valueOf(status.getDescription());
        if (description.contains("HTTP status code") || description.contains("invalid content-type")) {
            return "an HTTP server that is not a gRPC server answers there, or a proxy in front of one; " + ADDRESS;
        }
        if (has(status.getCause(), Http2Exception.class)) {
            return noHttp2(description, address);
        }
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(status.getCause(), description, address);
            case DEADLINE_EXCEEDED ->
                description.contains("connecting_and_lb_delay")
                        ? "no connection was established in time; check grpc.client.greeter.address and any firewall,"
                                + " or raise greeter.client.timeout."
                        : "the server did not answer in time; try again or raise greeter.client.timeout.";
            case UNIMPLEMENTED -> "another service answers at this address; " + ADDRESS;
            case INVALID_ARGUMENT -> "correct the name.";
            case UNAUTHENTICATED ->
                "set a token that the server accepts in greeter.client.token or greeter.client.token-file; it is"
                        + " sent to another host only over TLS.";
            case PERMISSION_DENIED -> "these credentials do not allow the call.";
            case RESOURCE_EXHAUSTED -> "the server is at a limit; try again later.";
            default -> "see the log of the server.";
        };
    }

    private static String unavailable(@Nullable Throwable cause, String description, String address) {
        if (has(cause, SSLException.class) || says(cause, "SSL routines")) {
            return tls(cause);
        }
        if (description.contains("ALPN")) {
            return "the server does not offer HTTP/2 over TLS, and is not a gRPC server; " + ADDRESS;
        }
        if (has(cause, UnknownHostException.class)
                || has(cause, UnresolvedAddressException.class)
                || description.startsWith("Unable to resolve host")
                || description.startsWith("unresolved address")) {
            return "no such host; " + ADDRESS;
        }
        if (description.startsWith("Failed to resolve own address")
                || description.startsWith("Could not find server")) {
            return "there is no such server in this process; " + ADDRESS;
        }
        if (has(cause, FileNotFoundException.class)) {
            return "there is no such socket; start the server with the same grpc.server.address, or " + ADDRESS;
        }
        if (says(cause, "Permission denied")) {
            return "the operating system denies the connection; check the permissions of the socket, and any firewall.";
        }
        if (description.startsWith("Health-check service responded")) {
            return "the health service of the server reports that it does not serve; try again later.";
        }
        String lower = description.toLowerCase(Locale.ROOT);
        if (lower.contains("network closed")
                || lower.contains("connection closed")
                || lower.contains("settings")
                || says(cause, "reset by peer")
                || says(cause, "Broken pipe")) {
            return noHttp2(description, address);
        }
        if (says(cause, "timed out") || says(cause, "nreachable") || says(cause, "No route")) {
            return "the host cannot be reached; check the network and grpc.client.greeter.address.";
        }
        if (has(cause, ConnectException.class)) {
            return "no server listens there; start it with \"java -jar greeter.jar\""
                    + " or correct grpc.client.greeter.address.";
        }
        return "the server cannot be reached or is stopping; try again.";
    }

    private static String noHttp2(String description, String address) {
        Optional<InetSocketAddress> server = ServerAddress.first(address);
        return switch (server.map(SpokenProtocol::of).orElse(SpokenProtocol.UNKNOWN)) {
            case HTTP_1 ->
                "an HTTP/1.1 server answers there, such as the management port, and not a gRPC server; " + ADDRESS;
            case TLS ->
                description.contains("TLS negotiation")
                        ? "the server ends the TLS handshake; check " + TLS + "protocols and ciphers."
                        : "the server uses TLS; set grpc.client.greeter.negotiation-type=tls.";
            case UNKNOWN ->
                "the server closed the connection before it answered, or is not a gRPC server; check"
                        + " grpc.client.greeter.address, or if it uses TLS, set"
                        + " grpc.client.greeter.negotiation-type=tls.";
        };
    }

    private static String tls(@Nullable Throwable failure) {
        if (has(failure, NotSslRecordException.class)) {
            return "the server does not use TLS; set grpc.client.greeter.negotiation-type=plaintext.";
        }
        String reason = " (" + reason(failure) + ")";
        if (has(failure, CertificateExpiredException.class)) {
            return "the certificate of the server or of its issuer has expired" + reason + ".";
        }
        if (has(failure, CertificateNotYetValidException.class)) {
            return "the certificate of the server or of its issuer is not valid yet" + reason
                    + "; check the clocks of both hosts.";
        }
        if (has(failure, CertPathBuilderException.class) || has(failure, CertPathValidatorException.class)) {
            return "the client does not trust the certificate of the server" + reason + "; set its authority in " + TLS
                    + "trust-cert-collection.";
        }
        if (says(failure, "No subject alternative") || says(failure, "No name matching")) {
            return "the certificate of the server is for another host" + reason
                    + "; correct grpc.client.greeter.address or set " + TLS + "authority-override.";
        }
        if (says(failure, "CERTIFICATE_REQUIRED")) {
            return "the server requires a client certificate; set " + TLS + "client-auth-enabled=true, "
                    + "certificate-chain and private-key.";
        }
        if (Causes.any(
                failure,
                cause -> CERTIFICATE_ALERT
                        .matcher(String.valueOf(cause.getMessage()))
                        .find())) {
            return "the server does not accept the certificate of the client; set one of an authority that the server"
                    + " trusts in " + TLS + "certificate-chain and private-key.";
        }
        return "TLS failed" + reason + "; check grpc.client.greeter.negotiation-type and " + TLS + "*.";
    }

    private static String reason(@Nullable Throwable failure) {
        return failure == null
                ? "no reason given"
                : oneLine(String.valueOf(
                        NestedExceptionUtils.getMostSpecificCause(failure).getMessage()));
    }

    private static String oneLine(String text) {
        return TIMES.matcher(text.lines().findFirst().orElse("")).replaceFirst("");
    }
}
