package dev.greeter.server.web;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** A streaming call by Connect. */
final class ConnectStreamCall extends EnvelopedCall {

    private static final int END_OF_STREAM = 2;

    ConnectStreamCall(Target target, HttpHeaders sent) {
        super(target, sent, "connect-content-encoding", "connect-accept-encoding");
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
