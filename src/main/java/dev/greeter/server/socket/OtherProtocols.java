package dev.greeter.server.socket;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelDuplexHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.channel.PendingWriteQueue;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Tells callers who use another protocol on the port of gRPC which port serves it. */
final class OtherProtocols {

    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final byte[] PREFACE = {'P', 'R', 'I'};

    private final OtherPort port;

    OtherProtocols(OtherPort port) {
        this.port = port;
    }

    private String text() {
        return "This port serves gRPC over HTTP/2, with the content type application/grpc. "
                + (port.isOpen()
                        ? "Connect, gRPC-Web and JSON are served on port " + port.number() + " (service.web.port)."
                        : "Connect, gRPC-Web and JSON are not served, as service.web.port is -1.")
                + "\n";
    }

    static boolean isGrpc(@Nullable CharSequence contentType) {
        if (contentType == null || !AsciiString.regionMatches(contentType, true, 0, GRPC, 0, GRPC.length())) {
            return false;
        }
        char next = contentType.length() == GRPC.length() ? ';' : contentType.charAt(GRPC.length());
        return next == ';' || next == '+';
    }

    /** Answers a request of HTTP/2 whose content type is not that of gRPC. */
    @SuppressWarnings("FutureReturnValueIgnored") // a failure closes the stream
    void answer(Http2ConnectionHandler http2, ChannelHandlerContext context, int stream) {
        Http2Headers headers = new DefaultHttp2Headers()
                .status("415")
                .set("content-type", "text/plain; charset=utf-8")
                .set("accept-post", "application/grpc, application/grpc+proto")
                .set("grpc-status", String.valueOf(Status.Code.INTERNAL.value()))
                .set("grpc-message", text().trim());
        http2.encoder().writeHeaders(context, stream, headers, 0, false, context.newPromise());
        ByteBuf body = ByteBufUtil.writeUtf8(context.alloc(), text());
        http2.encoder().writeData(context, stream, body, 0, true, context.newPromise());
    }

    /** Returns the handler that answers a request of HTTP/1.1 in plaintext, the first of its connection. */
    ChannelDuplexHandler http1() {
        return new Http1();
    }

    /** Holds back what HTTP/2 writes at the beginning, which a client of HTTP/1.1 would read as the answer. */
    private final class Http1 extends ChannelDuplexHandler {

        private @Nullable PendingWriteQueue held;
        private boolean begun;
        private boolean answered;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            held = new PendingWriteQueue(context);
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.fireChannelActive();
            begun = true;
            if (context.pipeline().get(SslHandler.class) != null) {
                context.pipeline().remove(this);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // the promise tells of it
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (answered) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new IOException("The client does not use HTTP/2"));
                return;
            }
            if (begun) {
                // Not the preface any more: the end of a connection on which nothing has come, for example.
                release();
            }
            PendingWriteQueue queue = held;
            if (queue == null || context.pipeline().get(SslHandler.class) != null) {
                context.write(message, promise);
            } else {
                queue.add(message, promise);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object first) {
            if (answered) {
                ReferenceCountUtil.release(first);
            } else if (isHttp1((ByteBuf) first)) {
                ReferenceCountUtil.release(first);
                answer(context);
            } else {
                release();
                context.pipeline().remove(this);
                context.fireChannelRead(first);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // the promise tells of it
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            release();
            context.close(promise);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            release();
        }

        @SuppressWarnings("FutureReturnValueIgnored") // their promises tell of them
        private void release() {
            PendingWriteQueue queue = held;
            if (queue != null) {
                held = null;
                queue.removeAndWriteAll();
            }
        }

        private static boolean isHttp1(ByteBuf first) {
            for (int i = 0; i < Math.min(PREFACE.length, first.readableBytes()); i++) {
                byte letter = first.getByte(first.readerIndex() + i);
                if (letter < 'A' || letter > 'Z') {
                    return false;
                }
                if (letter != PREFACE[i]) {
                    return true;
                }
            }
            return false;
        }

        /** Drops what HTTP/2 has to say, now and when it finds out. */
        @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
        private void answer(ChannelHandlerContext context) {
            answered = true;
            String body = text();
            context.writeAndFlush(Unpooled.copiedBuffer(
                            "HTTP/1.1 426 Upgrade Required\r\nupgrade: h2c\r\nconnection: upgrade, close\r\n"
                                    + "content-type: text/plain; charset=utf-8\r\ncontent-length: " + body.length()
                                    + "\r\n\r\n" + body,
                            StandardCharsets.US_ASCII))
                    .addListener(written -> context.close());
            PendingWriteQueue preface = held;
            if (preface != null) {
                held = null;
                preface.removeAndFailAll(new IOException("The client does not use HTTP/2"));
            }
        }
    }
}
