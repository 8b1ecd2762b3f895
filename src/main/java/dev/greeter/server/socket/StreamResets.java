package dev.greeter.server.socket;

import dev.greeter.service.Refusal;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelPromise;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2LifecycleManager;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resets the streams of one connection, and limits the resets: grpc-java counts a call that it refuses, and each frame
 * after it, like a call that was begun and reset, so that one caller could end a shared connection for all.
 */
final class StreamResets implements Http2LifecycleManager {

    /** The cost of the reset of a call that was begun. */
    static final int RESET = 10;

    /** The cost of a call that was refused for its headers, or of a frame on a stream that has ended. */
    static final int REFUSAL = 1;

    private static final long SECOND = 1_000_000_000;

    /** The answer to a call by gRPC whose headers are malformed. */
    static final Http2Headers MALFORMED_CALL = new DefaultHttp2Headers()
            .status("400")
            .set("content-type", "application/grpc")
            .set("grpc-status", String.valueOf(Status.Code.INTERNAL.value()))
            .set("grpc-message", Refusal.HEADERS_MALFORMED.message());

    /** The answer to another request whose headers are malformed. */
    static final Http2Headers MALFORMED_REQUEST = new DefaultHttp2Headers().status("400");

    private final Http2ConnectionHandler http2;
    private final ChannelHandlerContext context;
    private final RequestedStreams streams;
    private final StreamLimits limits;
    private final Http2Headers malformed;
    private final @Nullable AnsweredRequests answered;
    private final Http2Connection.PropertyKey status;
    private long begin = System.nanoTime();
    private long cost;
    private boolean ended;

    /**
     * @param context of the HTTP/2 handler in its pipeline
     * @param malformed the answer to a request whose headers are malformed
     * @param answered null where the rest of requests is read by others
     */
    StreamResets(
            Http2ConnectionHandler http2,
            ChannelHandlerContext context,
            RequestedStreams streams,
            StreamLimits limits,
            Http2Headers malformed,
            @Nullable AnsweredRequests answered) {
        this.http2 = http2;
        this.context = context;
        this.streams = streams;
        this.limits = limits;
        this.malformed = malformed;
        this.answered = answered;
        this.status = http2.connection().newKey();
    }

    /** Keeps the status of the call that grpc-java has begun on this stream, if it has. */
    void keepStatus(Http2Stream stream) {
        StreamStatus begun = StreamStatus.ofBegunCall();
        if (begun != null) {
            stream.setProperty(status, begun);
        }
    }

    boolean haveEndedConnection() {
        return ended;
    }

    /** Counts a cost, and ends the connection if the costs within a second exceed the limit. */
    void count(int more) {
        long now = System.nanoTime();
        if (now - begin > SECOND) {
            begin = now;
            cost = 0;
        }
        cost += more;
        if (cost > (long) RESET * limits.maxResetsPerSecond() && !ended) {
            limits.countEndedConnection();
            endConnection(new TooManyResets());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it
    void endConnection(Http2Exception cause) {
        ended = true;
        http2.onError(context, true, cause);
        context.close();
    }

    @Override
    public ChannelFuture resetStream(ChannelHandlerContext context, int stream, long error, ChannelPromise promise) {
        Http2Connection connection = http2.connection();
        Http2Stream open = connection.stream(stream);
        if (open != null && error == Http2Error.CANCEL.code()) {
            Http2Headers end = end(open);
            if (end != null) {
                return http2.encoder().writeHeaders(context, stream, end, 0, true, promise);
            }
        }
        if (open == null && streams.hasBegun(stream)) {
            if (!connection.streamMayHaveExisted(stream)) {
                begin(stream, error);
            } else {
                limits.countStrayFrame();
                if (streams.wasReset(stream)) {
                    return promise.unvoid().setSuccess();
                }
            }
            count(REFUSAL);
        } else if (error != Http2Error.NO_ERROR.code() && error != Http2Error.CANCEL.code()) {
            count(RESET);
        }
        streams.rememberReset(stream);
        return http2.resetStream(context, stream, error, promise);
    }

    /** Answers a call whose headers Netty has not found to be malformed, and resets its stream. */
    @SuppressWarnings("FutureReturnValueIgnored") // a failure ends the connection
    void refuse(int stream) {
        answerMalformed(stream);
        count(REFUSAL);
        streams.rememberReset(stream);
        http2.resetStream(context, stream, Http2Error.PROTOCOL_ERROR.code(), context.newPromise());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the reset that follows reports whether the connection is writable
    private void answerMalformed(int stream) {
        limits.countMalformedHeaders();
        http2.encoder().writeHeaders(context, stream, malformed, 0, true, context.newPromise());
    }

    /** Returns the headers that end a call instead of the reset by grpc-java, or null if it has no status. */
    private @Nullable Http2Headers end(Http2Stream stream) {
        StreamStatus kept = stream.removeProperty(status);
        return kept != null && stream.state().localSideOpen() ? kept.headers(stream.isHeadersSent()) : null;
    }

    /**
     * Begins the stream of a call whose headers Netty refuses. Netty does not begin it, and would then treat the next
     * frames of the caller as an error of the connection.
     */
    private void begin(int stream, long error) {
        Http2Connection.Endpoint<?> callers = http2.connection().remote();
        int allowed = callers.maxActiveStreams();
        callers.maxActiveStreams(callers.numActiveStreams() + 1);
        try {
            callers.createStream(stream, false);
            if (error == Http2Error.PROTOCOL_ERROR.code()) {
                answerMalformed(stream);
            }
        } catch (Http2Exception e) {
            // After a GOAWAY no stream begins, and Netty ignores its frames.
        } finally {
            callers.maxActiveStreams(allowed);
        }
    }

    @Override
    public void closeStreamLocal(Http2Stream stream, ChannelFuture future) {
        http2.closeStreamLocal(stream, future);
        if (answered != null && stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
            answered.add(stream, future);
        }
    }

    @Override
    public void closeStreamRemote(Http2Stream stream, ChannelFuture future) {
        http2.closeStreamRemote(stream, future);
    }

    @Override
    public void closeStream(Http2Stream stream, ChannelFuture future) {
        http2.closeStream(stream, future);
    }

    @Override
    public ChannelFuture goAway(
            ChannelHandlerContext context, int lastStream, long error, ByteBuf data, ChannelPromise promise) {
        return http2.goAway(context, lastStream, error, data, promise);
    }

    /** Ends the connection, except for headers of a stream that grpc-java has ended meanwhile, which fail alone. */
    @Override
    public void onError(ChannelHandlerContext context, boolean outbound, Throwable cause) {
        if (!outbound || !(cause instanceof IllegalStateException)) {
            http2.onError(context, outbound, cause);
        }
    }

    /** Has no stack trace, because callers can cause it at will. */
    private static final class TooManyResets extends Http2Exception {

        private static final long serialVersionUID = 1L;

        TooManyResets() {
            super(Http2Error.ENHANCE_YOUR_CALM, "too_many_rststreams");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
