package dev.greeter.server.web;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.base64.Base64;
import java.nio.charset.StandardCharsets;

/** Decodes the body of gRPC-Web's text format: pieces of base64, each of which may end with padding. */
final class Base64Stream {

    private static final int QUANTUM = 4;

    private final StringBuilder rest = new StringBuilder();

    /** Returns the bytes that can be decoded so far. */
    ByteBuf decode(ByteBuf text) {
        rest.append(text.toString(StandardCharsets.US_ASCII));
        int complete = rest.length() / QUANTUM * QUANTUM;
        ByteBuf decoded = Unpooled.buffer(complete / QUANTUM * 3);
        int begin = 0;
        while (begin < complete) {
            int padding = rest.indexOf("=", begin);
            int end = padding < 0 || padding >= complete ? complete : (padding / QUANTUM + 1) * QUANTUM;
            try {
                decoded.writeBytes(java.util.Base64.getDecoder().decode(rest.substring(begin, end)));
            } catch (IllegalArgumentException e) {
                decoded.release();
                throw malformed();
            }
            begin = end;
        }
        rest.delete(0, complete);
        return decoded;
    }

    /** Checks at the end of the body that no characters remain. */
    void requireComplete() {
        if (!rest.isEmpty()) {
            throw malformed();
        }
    }

    static ByteBuf encode(ByteBuf bytes) {
        try {
            return Base64.encode(bytes, false);
        } finally {
            bytes.release();
        }
    }

    private static RuntimeException malformed() {
        return Status.INVALID_ARGUMENT
                .withDescription("The request is not base64, as its content type says.")
                .asRuntimeException();
    }
}
