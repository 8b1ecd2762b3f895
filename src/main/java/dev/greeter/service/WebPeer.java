package dev.greeter.service;

import io.grpc.Metadata;
import java.io.InputStream;
import java.net.SocketAddress;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The caller of a call by the web port, which the in-process transport does not know.
 *
 * @param address address of the caller
 * @param session TLS session of the connection, or null without TLS
 */
public record WebPeer(SocketAddress address, @Nullable SSLSession session) {

    /** Carries the object itself; a header that a caller sends under this name means no peer. */
    private static final Metadata.Key<Carrier> KEY =
            Metadata.Key.of("web-peer" + Metadata.BINARY_HEADER_SUFFIX, new Metadata.BinaryStreamMarshaller<>() {
                @Override
                public InputStream toStream(Carrier carrier) {
                    return carrier;
                }

                @Override
                public Carrier parseStream(InputStream stream) {
                    return stream instanceof Carrier carrier ? carrier : new Carrier(null);
                }
            });

    /** Returns the caller of the call with these headers, or null if it does not use the web port. */
    public static @Nullable WebPeer of(Metadata headers) {
        Carrier carrier = headers.get(KEY);
        return carrier == null ? null : carrier.peer;
    }

    /** Sets this as the only peer in the headers. */
    public void announceIn(Metadata headers) {
        removeFrom(headers);
        headers.put(KEY, new Carrier(this));
    }

    public static void removeFrom(Metadata headers) {
        headers.discardAll(KEY);
    }

    private static final class Carrier extends InputStream {

        private final @Nullable WebPeer peer;

        Carrier(@Nullable WebPeer peer) {
            this.peer = peer;
        }

        @Override
        public int read() {
            return -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            return -1;
        }
    }
}
