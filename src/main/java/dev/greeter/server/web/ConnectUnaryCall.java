package dev.greeter.server.web;

import com.google.gson.JsonObject;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A unary call by Connect: the body of the request is its message, that of the response is its message or an error. */
final class ConnectUnaryCall extends WebCall {

    private static final String TRAILER = "trailer-";

    private final HttpHeaders headers =
            DefaultHttpHeadersFactory.headersFactory().newHeaders();
    private final ByteBuf body = Unpooled.buffer();
    private byte @Nullable [] response;

    ConnectUnaryCall(Target target, @Nullable String encoding, @Nullable String acceptEncoding) {
        super(target, encoding, acceptEncoding);
    }

    @Override
    void read(ByteBuf part) {
        boolean tooLarge =
                body.readableBytes() + part.readableBytes() > messages().limit();
        if (!tooLarge) {
            body.writeBytes(part);
        }
        part.release();
        if (tooLarge) {
            throw Gzip.tooLarge(messages().limit());
        }
    }

    @Override
    void readEnd() {
        byte[] message = ByteBufUtil.getBytes(body);
        send(isCompressed() ? Gzip.decompress(message, messages().limit()) : message);
        halfClose();
    }

    @Override
    public void onHeaders(Metadata metadata) {
        HttpMetadata.write(metadata, headers::add);
    }

    @Override
    void write(byte[] message) {
        response = message;
    }

    @Override
    void writeEnd(Status status, Metadata trailers) {
        HttpMetadata.write(trailers, (name, value) -> headers.add(TRAILER + name, value));
        byte[] message = response;
        if (status.isOk() && message != null) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, format().contentType());
            if (compresses(message)) {
                headers.set(HttpHeaderNames.CONTENT_ENCODING, Gzip.NAME);
                message = Gzip.compress(message);
            }
            reply().whole(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(message));
        } else {
            JsonObject error = messages()
                    .errors()
                    .error(status.isOk() ? Status.INTERNAL.withDescription("There is no response.") : status, trailers);
            headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
            reply().whole(
                            ConnectErrors.httpStatus(status.getCode()),
                            headers,
                            Unpooled.copiedBuffer(error.toString(), StandardCharsets.UTF_8));
        }
    }

    @Override
    void release() {
        body.clear();
    }
}
