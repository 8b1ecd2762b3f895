package dev.greeter.server.call;

import io.grpc.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import net.devh.boot.grpc.common.codec.CodecType;
import net.devh.boot.grpc.common.codec.GrpcCodec;
import org.jspecify.annotations.Nullable;

/**
 * Gzip that reads a message only when it is decoded. grpc-java opens a compressed message in the transport, where an
 * invalid one resets the stream without a status.
 */
@GrpcCodec(advertised = true, codecType = CodecType.DECOMPRESS)
final class LazyGzip implements Codec {

    private final Codec gzip = new Codec.Gzip();

    @Override
    public String getMessageEncoding() {
        return gzip.getMessageEncoding();
    }

    @Override
    public OutputStream compress(OutputStream stream) throws IOException {
        return gzip.compress(stream);
    }

    @Override
    public InputStream decompress(InputStream compressed) {
        return new InputStream() {
            private @Nullable InputStream open;

            private InputStream open() throws IOException {
                if (open == null) {
                    open = gzip.decompress(compressed);
                }
                return open;
            }

            @Override
            public int read() throws IOException {
                return open().read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return open().read(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                (open == null ? compressed : open).close();
            }
        };
    }
}
