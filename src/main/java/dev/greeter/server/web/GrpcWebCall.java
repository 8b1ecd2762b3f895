package dev.greeter.server.web;

import dev.greeter.server.web.WireFormat.Protocol;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A call by gRPC-Web, whose trailers are the last envelope of the body. */
final class GrpcWebCall extends EnvelopedCall {

    private static final int TRAILERS = 0x80;

    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private final @Nullable Base64Stream text;

    GrpcWebCall(Target target, HttpHeaders sent) {
        super(target, sent, "grpc-encoding", "grpc-accept-encoding");
        this.text = target.format().protocol() == Protocol.GRPC_WEB_TEXT ? new Base64Stream() : null;
    }

    @Override
    void read(ByteBuf part) {
        if (text == null) {
            super.read(part);
            return;
        }
        try {
            super.read(text.decode(part));
        } finally {
            part.release();
        }
    }

    @Override
    void readEnd() {
        if (text != null) {
            text.requireComplete();
        }
        super.readEnd();
    }

    @Override
    ByteBuf endOfStream(Status status, Metadata trailers) {
        StringBuilder block = new StringBuilder();
        line(block, "grpc-status", String.valueOf(status.getCode().value()));
        String message = status.getDescription();
        if (message != null) {
            line(block, "grpc-message", percentEncoded(message));
        }
        byte[] details = trailers.get(DETAILS);
        if (details != null) {
            line(block, DETAILS.name(), Base64.getEncoder().withoutPadding().encodeToString(details));
        }
        HttpMetadata.write(trailers, (name, value) -> line(block, name, value));
        return Envelopes.of(TRAILERS, block.toString().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    ByteBuf encoded(ByteBuf envelope) {
        return text == null ? envelope : Base64Stream.encode(envelope);
    }

    private static void line(StringBuilder block, String name, String value) {
        block.append(name).append(": ").append(value).append("\r\n");
    }

    private static String percentEncoded(String message) {
        StringBuilder encoded = new StringBuilder(message.length());
        for (byte b : message.getBytes(StandardCharsets.UTF_8)) {
            if (b < ' ' || b > '~' || b == '%') {
                encoded.append(String.format("%%%02X", b));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }
}
