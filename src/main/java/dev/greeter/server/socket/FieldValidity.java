package dev.greeter.server.socket;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The minimal validation of headers in RFC 9113 (8.2.1), of which grpc-java has only that of upper case. */
final class FieldValidity {

    /** Is the authority of a request that has no other, and never metadata. */
    private static final AsciiString HOST = AsciiString.cached("host");

    private static final int DELETE = 0x7f;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ONES = 0x0101010101010101L;
    private static final long LINE_FEEDS = ONES * '\n';
    private static final long CARRIAGE_RETURNS = ONES * '\r';

    private FieldValidity() {}

    /** Returns whether the headers of a call are valid, except for its pseudo-headers. */
    static boolean isValid(Metadata headers) {
        // Unlike the headers of HTTP/2, the metadata has them all without creating objects for each.
        byte[][] namesAndValues = InternalMetadata.serialize(headers);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            byte[] name = namesAndValues[i];
            byte[] value = namesAndValues[i + 1];
            if (!isName(name) || !(isValue(value, 0, value.length) || isBinary(name))) {
                return false;
            }
        }
        return true;
    }

    static boolean hasValidPseudoHeaders(Http2Headers headers) {
        CharSequence authority = headers.authority();
        return isValid(headers.path())
                && isValid(authority == null ? headers.get(HOST) : authority)
                && isValid(headers.method())
                && isValid(headers.scheme());
    }

    /** Returns whether trailers are valid, and have no pseudo-headers. */
    static boolean isValidAsTrailers(Http2Headers headers) {
        if (headers.path() != null
                || headers.authority() != null
                || headers.method() != null
                || headers.scheme() != null) {
            return false;
        }
        return hasValidFields(headers);
    }

    static boolean hasValidFields(Http2Headers headers) {
        for (Map.Entry<CharSequence, CharSequence> header : headers) {
            if (!isName(header.getKey().toString().getBytes(StandardCharsets.UTF_8)) || !isValid(header.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isValid(@Nullable CharSequence value) {
        if (value == null) {
            return true;
        }
        AsciiString text = AsciiString.of(value);
        return isValue(text.array(), text.arrayOffset(), text.arrayOffset() + text.length());
    }

    /** Allows a colon in front, as grpc-java accepts only the pseudo-headers of a request. */
    private static boolean isName(byte[] name) {
        for (int i = 0; i < name.length; i++) {
            byte b = name[i];
            // Bytes above 0x7f are negative.
            if (b <= ' ' || b == DELETE || (b == ':' && i > 0)) {
                return false;
            }
        }
        return name.length > 0;
    }

    /** Allows spaces at both ends, as gRPC does. Checks eight bytes at a time, because tokens have hundreds. */
    private static boolean isValue(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) WORDS.get(bytes, i);
            if ((zeros(word) | zeros(word ^ LINE_FEEDS) | zeros(word ^ CARRIAGE_RETURNS)) != 0) {
                return false;
            }
        }
        for (; i < to; i++) {
            byte b = bytes[i];
            if (b == 0 || b == '\n' || b == '\r') {
                return false;
            }
        }
        return true;
    }

    /** Returns 0 if and only if no byte of the word is 0. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & (ONES << 7);
    }

    /** Returns whether grpc-java has decoded the value from base64. */
    private static boolean isBinary(byte[] name) {
        return new String(name, StandardCharsets.US_ASCII).endsWith(Metadata.BINARY_HEADER_SUFFIX);
    }
}
