package dev.greeter.server.web;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultLastHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderValues;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The answer to one request, complete or in parts, written on the event loop of its connection. */
final class HttpReply {

    private final ChannelHandlerContext context;
    private final Cors.Grant grant;
    private final boolean chunks;
    private final BooleanSupplier last;
    private final Consumer<ChannelFuture> replied;
    private boolean ended;

    /**
     * @param chunks whether the body may come in chunks: otherwise the connection ends with it
     * @param last whether the HTTP/1.1 connection ends with this answer
     * @param replied called when the last part has been written
     */
    HttpReply(
            ChannelHandlerContext context,
            Cors.Grant grant,
            boolean chunks,
            BooleanSupplier last,
            Consumer<ChannelFuture> replied) {
        this.context = context;
        this.grant = grant;
        this.chunks = chunks;
        this.last = last;
        this.replied = replied;
    }

    ChannelHandlerContext context() {
        return context;
    }

    boolean isWritable() {
        return context.channel().isWritable();
    }

    /** Continues or pauses reading. */
    void read(boolean more) {
        context.channel().config().setAutoRead(more);
    }

    void text(HttpResponseStatus status, HttpHeaders headers, String text) {
        headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        whole(status, headers, context.alloc().buffer().writeBytes(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** @param body all of it, or none where the headers have its length, as for HEAD */
    void whole(HttpResponseStatus status, HttpHeaders headers, ByteBuf body) {
        grant.addTo(headers);
        if (status.code() != HttpResponseStatus.NO_CONTENT.code()
                && status.code() != HttpResponseStatus.NOT_MODIFIED.code()
                && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        }
        if (last.getAsBoolean()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        finish(context.writeAndFlush(new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                status,
                body,
                headers,
                DefaultHttpHeadersFactory.trailersFactory().newHeaders())));
    }

    void begin(HttpHeaders headers) {
        grant.addTo(headers);
        if (chunks) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        if (last.getAsBoolean()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, headers));
    }

    void write(ByteBuf part) {
        write(new DefaultHttpContent(part));
    }

    void end(ByteBuf part) {
        finish(context.writeAndFlush(new DefaultLastHttpContent(part)));
    }

    /** Aborts the answer: the caller sees that it is incomplete. */
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    void abort() {
        context.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failure closes the channel, which is told
    private void write(Object part) {
        context.writeAndFlush(part);
    }

    private void finish(ChannelFuture written) {
        if (!ended) {
            ended = true;
            replied.accept(written);
        }
    }
}
