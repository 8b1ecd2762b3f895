package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
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
 * end is reset, as RFC 9113 (8.1) allows. Until then it is no call: grpc-go forgets it without a reset, and would
 * otherwise soon have no calls left on the connection.
 */
final class AnsweredRequests {

    private static final int MAX_REST = 1024 * 1024;

    /** The number of such streams on a connection; of more, the oldest is reset. */
    private static final int MAX_STREAMS = 100;

    private final Http2ConnectionHandler http2;
    private final ChannelHandlerContext context;
    private final RequestedStreams streams;
    private final long patience;
    private final int maxCalls;
    private final Http2Connection.PropertyKey key;
    private int open;
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
        this.maxCalls = limits.maxCalls();
        this.key = http2.connection().newKey();
        http2.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                if (stream.removeProperty(key) != null) {
                    count(-1);
                }
            }
        });
    }

    /** @param written completes when grpc-java has read from the stream for the last time */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    void add(Http2Stream stream, ChannelFuture written) {
        stream.setProperty(key, new Rest());
        count(1);
        written.addListener(answered -> giveBack(stream));
        if (open > MAX_STREAMS) {
            written.addListener(answered -> resetOldest());
        }
        if (!waiting) {
            waiting = true;
            await();
        }
    }

    private void count(int more) {
        open += more;
        Http2Connection.Endpoint<?> callers = http2.connection().remote();
        if (callers.maxActiveStreams() != Integer.MAX_VALUE) {
            callers.maxActiveStreams(maxCalls + Math.min(open, MAX_STREAMS));
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

    private void resetOldest() throws Http2Exception {
        Http2Stream oldest = http2.connection()
                .forEachActiveStream(stream -> stream.getProperty(key) == null || stream.isResetSent());
        if (oldest != null) {
            reset(oldest);
            context.flush();
        }
    }

    private static final class Rest {

        private final long begin = System.nanoTime();
        private int bytes;
    }
}
