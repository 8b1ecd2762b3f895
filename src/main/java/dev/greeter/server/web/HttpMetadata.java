package dev.greeter.server.web;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Converts HTTP headers to metadata of calls, and the reverse. */
final class HttpMetadata {

    private static final Metadata.Key<String> TIMEOUT =
            Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    /** Headers of the connection, the protocol or the body, and not of the call. */
    private static final Set<String> OF_HTTP = Set.of(
            "accept",
            "accept-encoding",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-grpc-web");

    /** Headers of grpc-java about messages that it would compress itself. */
    private static final Set<String> OF_GRPC = Set.of(
            "content-type",
            "grpc-accept-encoding",
            "grpc-encoding",
            "grpc-message",
            "grpc-status",
            "grpc-status-details-bin");

    private static final Pattern NAME = Pattern.compile("[0-9a-z_.-]+");
    private static final int MAX_TIMEOUT_DIGITS = 10;
    private static final int MAX_GRPC_TIMEOUT = 99_999_999;
    private static final int OVERHEAD = 32;

    private HttpMetadata() {}

    /** Returns the size of the headers as HTTP/2 counts it. */
    static int size(HttpHeaders headers) {
        int size = 0;
        for (Map.Entry<String, String> header : headers) {
            size += header.getKey().length() + header.getValue().length() + OVERHEAD;
        }
        return size;
    }

    /** Adds the headers to the metadata, and throws at the end if some cannot be read. */
    static void read(HttpHeaders headers, Metadata metadata) {
        String malformed = null;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (OF_HTTP.contains(name)
                    || OF_GRPC.contains(name)
                    || name.startsWith("connect-")
                    || name.startsWith("x-http2-")
                    || !NAME.matcher(name).matches()) {
                continue;
            }
            if (!name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), header.getValue());
            } else if (!readBinary(name, header.getValue(), metadata)) {
                malformed = name;
            }
        }
        if (malformed != null) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("The value of the header " + malformed + " is not base64.")
                    .asRuntimeException();
        }
    }

    private static boolean readBinary(String name, String values, Metadata metadata) {
        Metadata.Key<byte[]> key = Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
        try {
            for (String value : values.split(",", -1)) {
                metadata.put(key, Base64.getDecoder().decode(value.trim()));
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Adds the milliseconds that a caller by Connect allows. */
    static void readTimeout(@Nullable String milliseconds, Metadata metadata) {
        if (milliseconds == null) {
            return;
        }
        if (milliseconds.isEmpty()
                || milliseconds.length() > MAX_TIMEOUT_DIGITS
                || !milliseconds.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("The header connect-timeout-ms is not a number of up to 10 digits.")
                    .asRuntimeException();
        }
        long timeout = Long.parseLong(milliseconds);
        metadata.put(TIMEOUT, timeout <= MAX_GRPC_TIMEOUT ? timeout + "m" : timeout / 1000 + "S");
    }

    /** Passes on each value of the metadata as an HTTP header. */
    static void write(Metadata metadata, BiConsumer<String, String> headers) {
        for (String name : metadata.keys()) {
            if (OF_GRPC.contains(name) || OF_HTTP.contains(name)) {
                continue;
            }
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                for (byte[] value : Objects.requireNonNull(
                        metadata.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)))) {
                    headers.accept(name, Base64.getEncoder().withoutPadding().encodeToString(value));
                }
            } else {
                for (String value : Objects.requireNonNull(
                        metadata.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)))) {
                    if (value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                        headers.accept(name, value);
                    }
                }
            }
        }
    }
}
