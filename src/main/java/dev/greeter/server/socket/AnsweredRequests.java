package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2LocalFlowController;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Discards the rest of requests that are answered before their end. grpc-java would keep the flow-control windows that it
 * fills, and the caller would wait for them, and so would all others of the connection. A stream whose request does not
 * end is reset, as RFC 9113 (8.1) allows.
 */
final class AnsweredRequests {

    private static final int MAX_REST = 1024 * 1024;

    private final Http2ConnectionHandler http2;
    private final ChannelHandlerContext context;
    private final RequestedStreams streams;
    private final long patience;
    private final Http2Connection.PropertyKey key;
    private boolean waiting;

    /** @param context of the HTTP/2 handler in its pipeline */
    AnsweredRequests(
            Http2ConnectionHandler http2,
            ChannelHandlerContext context,
            RequestedStreams streams,
            StreamLimits limits) {
        this.http2 = http2;
        this.context = context;
        this.streams = streams;
        this.patience = limits.handshakeTimeout().toNanos();
        this.key = http2.connection().newKey();
    }

    /** @param written completes when grpc-java has read from the stream for the last time */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    void add(Http2Stream stream, ChannelFuture written) {
        stream.setProperty(key, new Rest());
        written.addListener(answered -> giveBack(stream));
        if (!waiting) {
            waiting = true;
            await();
        }
    }

    private void giveBack(Http2Stream stream) throws Http2Exception {
        if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
            Http2LocalFlowController windows = http2.decoder().flowController();
            if (windows.consumeBytes(stream, windows.unconsumedBytes(stream))) {
                context.flush();
            }
        }
    }

    /** Returns whether these bytes belong to a request that is answered. */
    boolean discard(int id, int bytes) {
        Http2Stream stream = http2.connection().stream(id);
        if (stream == null || stream.state() != Http2Stream.State.HALF_CLOSED_LOCAL) {
            return false;
        }
        Rest rest = stream.getProperty(key);
        if (rest != null && (rest.bytes += bytes) > MAX_REST) {
            reset(stream);
        }
        return true;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a failure ends the connection
    private void reset(Http2Stream stream) {
        streams.rememberReset(stream.id());
        http2.resetStream(context, stream.id(), Http2Error.NO_ERROR.code(), context.newPromise());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it
    private void await() {
        context.executor().schedule(this::resetOld, patience, TimeUnit.NANOSECONDS);
    }

    private @Nullable Void resetOld() throws Http2Exception {
        long now = System.nanoTime();
        waiting = false;
        http2.connection().forEachActiveStream(stream -> {
            Rest rest = stream.getProperty(key);
            if (rest != null && now - rest.begin >= patience) {
                reset(stream);
            } else if (rest != null) {
                waiting = true;
            }
            return true;
        });
        context.flush();
        if (waiting) {
            await();
        }
        return null;
    }

    private static final class Rest {

        private final long begin = System.nanoTime();
        private int bytes;
    }
}
