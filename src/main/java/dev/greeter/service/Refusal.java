package dev.greeter.service;

import com.google.rpc.Code;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a call is not let through, as it is told to the caller. */
public enum Refusal {
    CREDENTIALS_MISSING(
            Code.UNAUTHENTICATED,
            "This method needs a token: send the metadata \"authorization\" with \"Bearer\" and the token."),
    CREDENTIALS_MALFORMED(
            Code.UNAUTHENTICATED,
            "The metadata \"authorization\" must be there once, as \"Bearer\" and a token that is not oversized."),
    TOKEN_INVALID(Code.UNAUTHENTICATED, "The token is malformed, expired, not valid yet or not for this service."),
    KEYS_UNAVAILABLE(Code.UNAVAILABLE, "The keys to check the token cannot be had at the moment; try again."),
    WORKERS_BUSY(Code.UNAVAILABLE, "The server has as many calls in flight as it takes; try again."),
    SCOPE_MISSING(Code.PERMISSION_DENIED, "These credentials lack the scope that this method needs: "),
    AUTHENTICATION_FAILED(Code.UNAUTHENTICATED, "This call needs valid credentials."),
    ACCESS_DENIED(Code.PERMISSION_DENIED, "These credentials do not allow this call."),
    METADATA_TOO_LARGE(
            Code.RESOURCE_EXHAUSTED, "The metadata of this call is larger than grpc.server.max-inbound-metadata-size."),
    CODEC_UNKNOWN(
            Code.UNIMPLEMENTED,
            "Messages are protobuf here: the content-type must be application/grpc or application/grpc+proto."),
    COMPRESSOR_UNKNOWN(
            Code.UNIMPLEMENTED,
            "The messages of this call are compressed with none of what grpc-accept-encoding names."),
    HEADERS_MALFORMED(
            Code.INTERNAL,
            "The headers are malformed: names are lower-case, values of names in -bin are base64, and what belongs to a"
                    + " connection of HTTP/1 has no place here.");

    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("greeter-refusal", Metadata.ASCII_STRING_MARSHALLER);

    private final Code code;
    private final String message;

    @SuppressWarnings("ImmutableEnumChecker") // what it is made of does not change
    private final StatusRuntimeException usual;

    Refusal(Code code, String message) {
        this.code = code;
        this.message = message;
        this.usual = failure("");
    }

    /** Returns what the caller is told. */
    public String message() {
        return message;
    }

    /** Returns the header by which a transport leaves a call for an interceptor to refuse: metrics and logs see it. */
    public static String header() {
        return HEADER.name();
    }

    /** Returns why a transport wants the call to be refused. A caller who sends the header refuses himself. */
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

    /** Returns what the caller is told, made once. */
    StatusRuntimeException failure() {
        return usual;
    }

    /** Costs more than most calls, with its messages and its stack trace: too much for each call of a flood. */
    StatusRuntimeException failure(String scope) {
        Map<String, String> metadata = scope.isEmpty() ? Map.of() : Map.of("scope", scope);
        return code == Code.UNAVAILABLE
                ? ErrorStatus.of(code, name(), metadata, message + scope, ErrorStatus.retryAfter(1))
                : ErrorStatus.of(code, name(), metadata, message + scope);
    }

    /** Leaves the credentials for an interceptor to refuse. */
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
