package dev.greeter.server.web;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** The only supported compression: its name, and the conversion of messages. */
final class Gzip {

    static final String NAME = "gzip";

    private static final String NONE = "identity";

    /** Shorter messages would grow, or shrink by less than the size of the header. */
    private static final int WORTHWHILE = 512;

    private Gzip() {}

    /** Returns whether messages are compressed; throws for any other compression. */
    static boolean isNamedBy(@Nullable String encoding) {
        if (encoding == null || encoding.isEmpty() || encoding.equals(NONE)) {
            return false;
        }
        if (encoding.equals(NAME)) {
            return true;
        }
        throw Status.UNIMPLEMENTED
                .withDescription("The compression \"" + encoding + "\" is unknown; there are gzip and identity.")
                .asRuntimeException();
    }

    static boolean isAcceptedBy(@Nullable String acceptEncoding) {
        if (acceptEncoding != null) {
            for (String encoding : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
                String[] weighted = encoding.split(";", 2);
                if (weighted[0].trim().equals(NAME)) {
                    return weighted.length == 1 || !weighted[1].trim().matches("q=0(\\.0*)?");
                }
            }
        }
        return false;
    }

    static boolean isWorthwhile(byte[] message) {
        return message.length >= WORTHWHILE;
    }

    static byte[] compress(byte[] message) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(message.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /** Stops at the limit, whatever the size of the message. */
    static byte[] decompress(byte[] compressed, int limit) {
        if (compressed.length == 0) {
            return compressed;
        }
        byte[] message;
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            message = gzip.readNBytes(limit + 1);
        } catch (IOException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("A message is not compressed by gzip, as it says.")
                    .asRuntimeException();
        }
        if (message.length > limit) {
            throw tooLarge(limit);
        }
        return message;
    }

    static StatusRuntimeException tooLarge(int limit) {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("A message is larger than grpc.server.max-inbound-message-size, " + limit + " bytes.")
                .asRuntimeException();
    }
}
