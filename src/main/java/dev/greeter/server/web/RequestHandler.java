package dev.greeter.server.web;

import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.socket.DuplexChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Answers the requests of one connection of HTTP/1.1, one after the other, or the one of a stream of HTTP/2. */
final class RequestHandler extends ChannelInboundHandlerAdapter {

    /**
     * How much of a request is read after its answer: clients that are still sending would lose the answer by a reset
     * of the stream or a closed connection.
     */
    private static final int MAX_REST = 1024 * 1024;

    private final WebRoutes routes;
    private final WebConnection connection;

    /** Requests that arrived before the answer to the previous one. */
    private final Queue<Object> waiting = new ArrayDeque<>();

    private @Nullable HttpReply reply;
    private @Nullable WebCall call;
    private @Nullable ChannelFuture answer;
    private boolean receiving;
    private boolean last;
    private boolean closing;
    private boolean replaying;
    private int rest;

    RequestHandler(WebRoutes routes, WebConnection connection) {
        this.routes = routes;
        this.connection = connection;
    }

    private boolean isLast() {
        return last || connection.isLast();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
        } else if (reply != null && !receiving) {
            waiting.add(message);
            context.channel().config().setAutoRead(false);
        } else {
            read(context, message);
        }
    }

    private void read(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof HttpRequest request) {
                begin(context, request);
            }
            if (message instanceof HttpContent content && reply != null) {
                receive(content, context);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        connection.begin();
        receiving = true;
        rest = MAX_REST;
        boolean chunks = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        last = !chunks
                || !HttpUtil.isKeepAlive(request)
                || request.decoderResult().isFailure();
        HttpReply started = new HttpReply(context, routes.cors().grant(request), chunks, this::isLast, this::replied);
        reply = started;
        WebCall begun = routes.answer(request, started);
        call = answer == null ? begun : null;
    }

    private void receive(HttpContent content, ChannelHandlerContext context) {
        WebCall open = call;
        boolean malformed = content.decoderResult().isFailure();
        last |= malformed;
        if (answer != null || open == null) {
            rest -= content.content().readableBytes();
            if (rest < 0) {
                abort(context);
            }
        } else if (malformed) {
            open.receivedMalformed();
        } else {
            open.receive(content.content().retain());
        }
        if (content instanceof LastHttpContent) {
            receiving = false;
            if (answer == null && open != null) {
                open.receivedAll();
            }
            next(context);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the timer looks for itself whether it is late
    private void replied(ChannelFuture written) {
        HttpReply finished = reply;
        if (finished == null) {
            return;
        }
        answer = written;
        call = null;
        ChannelHandlerContext context = finished.context();
        connection.expectRead(context.channel(), written);
        if (receiving) {
            finished.read(true);
            WebConnection.after(routes.patience(), context, () -> {
                if (reply == finished) {
                    abort(context);
                }
            });
        }
        next(context);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    private void next(ChannelHandlerContext context) {
        ChannelFuture written = answer;
        if (receiving || written == null || reply == null) {
            return;
        }
        reply = null;
        answer = null;
        connection.end();
        if (isLast()) {
            closing = true;
            written.addListener(done -> close(context));
            return;
        }
        if (replaying) {
            return;
        }
        replaying = true;
        while (!waiting.isEmpty() && (reply == null || receiving)) {
            read(context, waiting.remove());
        }
        replaying = false;
        if (waiting.isEmpty() && reply == null) {
            context.channel().config().setAutoRead(true);
        }
    }

    /** Ends the connection without a reset, which unread bytes would cause and which would lose the answer. */
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    private void close(ChannelHandlerContext context) {
        if (context.channel() instanceof DuplexChannel plain
                && context.pipeline().get(SslHandler.class) == null) {
            plain.shutdownOutput();
            context.channel().config().setAutoRead(true);
            WebConnection.after(routes.patience(), context, () -> abort(context));
        } else {
            context.close();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    private void abort(ChannelHandlerContext context) {
        if (WebConnection.isStream(context.channel())) {
            // Netty limits resets with an error, and those that are provoked by callers have to be limited.
            context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
        }
        context.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (call != null) {
            call.writabilityChanged();
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (reply != null) {
            reply = null;
            connection.end();
        }
        if (call != null) {
            call.cancel();
            call = null;
        }
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Netty resets the stream of its own exceptions, with their error.
        if (!(cause instanceof Http2Exception)) {
            abort(context);
        }
    }
}
