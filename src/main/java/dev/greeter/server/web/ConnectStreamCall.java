package dev.greeter.server.web;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** A streaming call by Connect. */
final class ConnectStreamCall extends EnvelopedCall {

    static final String ENCODING = "connect-content-encoding";

    private static final int END_OF_STREAM = 2;

    ConnectStreamCall(Target target, HttpReply reply, boolean compressed, boolean compressible) {
        super(target, reply, ENCODING, compressed, compressible);
    }

    @Override
    ByteBuf endOfStream(Status status, Metadata trailers) {
        return Envelopes.of(
                END_OF_STREAM,
                messages().errors().endOfStream(status, trailers).toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    ByteBuf encoded(ByteBuf envelope) {
        return envelope;
    }
}
