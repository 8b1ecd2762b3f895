package dev.greeter.server.web;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        GRPC_WEB("application/grpc-web+"),
        GRPC_WEB_TEXT("application/grpc-web-text+");

        private final String prefix;

        Protocol(String prefix) {
            this.prefix = prefix;
        }

        private String contentType(boolean json) {
            return prefix + (json ? "json" : "proto");
        }
    }

    private static final Map<String, WireFormat> SERVED = served();

    private static Map<String, WireFormat> served() {
        Map<String, WireFormat> formats = new HashMap<>();
        for (Protocol protocol : Protocol.values()) {
            String json = protocol.contentType(true);
            String protobuf = protocol.contentType(false);
            formats.put(json, new WireFormat(protocol, true, json));
            formats.put(protobuf, new WireFormat(protocol, false, protobuf));
            if (protocol == Protocol.GRPC_WEB || protocol == Protocol.GRPC_WEB_TEXT) {
                // gRPC-Web names protobuf or no codec.
                String none = protocol.prefix.substring(0, protocol.prefix.length() - 1);
                formats.put(none, new WireFormat(protocol, false, none));
            }
        }
        return formats;
    }

    /** Returns null for a content type that is not served. */
    static @Nullable WireFormat of(@Nullable String contentType) {
        if (contentType == null) {
            return null;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).trim().toLowerCase(Locale.ROOT);
        return SERVED.get(type);
    }

    static WireFormat ofUnary(boolean json) {
        return new WireFormat(Protocol.CONNECT_UNARY, json, Protocol.CONNECT_UNARY.contentType(json));
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
            if (new WireFormat(protocol, false, "").fits(method)) {
                accepted.add(protocol.contentType(false));
                if (method.request() != null) {
                    accepted.add(protocol.contentType(true));
                }
            }
        }
        return String.join(", ", accepted);
    }
}
