package dev.greeter.server.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the bytes of requests and responses are to be read: what a content type tells.
 *
 * @param json whether messages are JSON rather than protobuf
 * @param contentType that of the responses
 */
record WireFormat(Protocol protocol, boolean json, String contentType) {

    /** The protocols, with their content types up to the name of the codec. */
    enum Protocol {
        CONNECT_UNARY("application/"),
        CONNECT_STREAM("application/connect+"),
        GRPC_WEB("application/grpc-web"),
        GRPC_WEB_TEXT("application/grpc-web-text");

        private final String prefix;

        Protocol(String prefix) {
            this.prefix = prefix;
        }
    }

    private static final String PROTO = "proto";
    private static final String JSON = "json";

    /** Returns null for a content type that is none of ours. */
    static @Nullable WireFormat of(@Nullable String contentType) {
        if (contentType == null) {
            return null;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
        for (Protocol protocol : Protocol.values()) {
            if (type.startsWith(protocol.prefix)) {
                String codec = type.substring(protocol.prefix.length());
                boolean grpcWeb = protocol == Protocol.GRPC_WEB || protocol == Protocol.GRPC_WEB_TEXT;
                if (codec.equals(grpcWeb ? "+" + JSON : JSON)) {
                    return new WireFormat(protocol, true, type);
                }
                if (codec.equals(grpcWeb ? "+" + PROTO : PROTO) || (grpcWeb && codec.isEmpty())) {
                    return new WireFormat(protocol, false, type);
                }
            }
        }
        return null;
    }

    static WireFormat ofUnary(boolean json) {
        return new WireFormat(Protocol.CONNECT_UNARY, json, Protocol.CONNECT_UNARY.prefix + (json ? JSON : PROTO));
    }

    /** Returns whether methods of this kind can be called so. */
    boolean fits(ServedMethod method) {
        return switch (protocol) {
            case CONNECT_UNARY -> method.isUnary();
            case CONNECT_STREAM -> !method.isUnary();
            case GRPC_WEB, GRPC_WEB_TEXT -> true;
        };
    }

    /** Returns the content types of requests by which a method can be called, for {@code Accept-Post}. */
    static String accepted(ServedMethod method) {
        List<String> accepted = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            boolean grpcWeb = protocol == Protocol.GRPC_WEB || protocol == Protocol.GRPC_WEB_TEXT;
            if (new WireFormat(protocol, false, "").fits(method)) {
                accepted.add(protocol.prefix + (grpcWeb ? "+" : "") + PROTO);
                if (method.request() != null) {
                    accepted.add(protocol.prefix + (grpcWeb ? "+" : "") + JSON);
                }
            }
        }
        return String.join(", ", accepted);
    }
}
