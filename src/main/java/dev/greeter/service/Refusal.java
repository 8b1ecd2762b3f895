package dev.greeter.service;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The reasons for which a call is refused, with the status that the caller gets. */
public enum Refusal {
    CREDENTIALS_MISSING(
            Code.UNAUTHENTICATED,
            "This method needs a token: send the metadata \"authorization\" with \"Bearer\" and the token."),
    CREDENTIALS_MALFORMED(
            Code.UNAUTHENTICATED,
            "The metadata \"authorization\" must occur once, as \"Bearer\" and a token that is not oversized."),
    TOKEN_INVALID(Code.UNAUTHENTICATED, "The token is malformed, expired, not valid yet or not for this service."),
    KEYS_UNAVAILABLE(Code.UNAVAILABLE, "The keys to verify the token are unavailable at the moment; try again."),
    WORKERS_BUSY(Code.UNAVAILABLE, "The server has too many calls in flight; try again."),
    SCOPE_MISSING(Code.PERMISSION_DENIED, "These credentials lack the scope that this method needs: "),
    AUTHENTICATION_FAILED(Code.UNAUTHENTICATED, "This call needs valid credentials."),
    ACCESS_DENIED(Code.PERMISSION_DENIED, "These credentials do not allow this call."),
    METADATA_TOO_LARGE(
            Code.RESOURCE_EXHAUSTED, "The metadata of this call is larger than grpc.server.max-inbound-metadata-size."),
    CODEC_UNKNOWN(Code.UNIMPLEMENTED, "The content-type must be application/grpc or application/grpc+proto."),
    COMPRESSOR_UNKNOWN(
            Code.UNIMPLEMENTED,
            "The messages of this call have a compression that grpc-accept-encoding does not list."),
    HEADERS_MALFORMED(
            Code.INTERNAL,
            "The headers are malformed: names must be tokens in lower case, values must be without line breaks and NUL,"
                    + " those of names in -bin must be base64, and headers of HTTP/1 connections are not allowed.");

    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("service-refusal", Metadata.ASCII_STRING_MARSHALLER);

    private final Code code;
    private final String message;

    Refusal(Code code, String message) {
        this.code = code;
        this.message = message;
    }

    /** Returns the message for the caller. */
    public String message() {
        return message;
    }

    /** Returns the header by which a transport asks an interceptor to refuse a call: metrics and logs then see it. */
    public static String header() {
        return HEADER.name();
    }

    /** Returns the refusal that a transport asks for. A caller that sends the header only has its own call refused. */
    public static @Nullable Refusal wanted(Metadata headers) {
        String name = headers.get(HEADER);
        if (name == null) {
            return null;
        }
        return switch (name) {
            case "METADATA_TOO_LARGE" -> METADATA_TOO_LARGE;
            case "CODEC_UNKNOWN" -> CODEC_UNKNOWN;
            case "COMPRESSOR_UNKNOWN" -> COMPRESSOR_UNKNOWN;
            default -> null;
        };
    }

    /** Creates a failure, which costs more than most calls and too much for each call of a flood. */
    StatusRuntimeException failure(String scope) {
        Map<String, String> metadata = scope.isEmpty() ? Map.of() : Map.of("scope", scope);
        return code == Code.UNAVAILABLE
                ? ErrorStatus.of(code, name(), metadata, message + scope, ErrorStatus.retryAfter(1))
                : ErrorStatus.of(code, name(), metadata, message + scope);
    }

    /** Tells an interceptor to refuse the call. */
    public static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final Refusal refusal;

        public RefusedException(Refusal refusal) {
            super(refusal.message, null, false, false);
            this.refusal = refusal;
        }

        public Refusal refusal() {
            return refusal;
        }
    }
}
