package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;

/**
 * A handler of the listening channel that adds a {@link StreamGuard} to each accepted connection, and gives the connection
 * a larger flow-control window than its calls have: grpc-java makes them equal, and one call that is not read would hold
 * up all others.
 */
@Sharable
final class StreamGuards extends ChannelInboundHandlerAdapter {

    private static final int CONNECTION_WINDOW = 16 * SocketLimits.CALL_WINDOW;

    private final StreamLimits limits;
    private final OtherProtocols otherProtocols;

    StreamGuards(StreamLimits limits, OtherProtocols otherProtocols) {
        this.limits = limits;
        this.otherProtocols = otherProtocols;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addLast(otherProtocols.http1(), new Placement());
        context.fireChannelRead(accepted);
    }

    private StreamGuard guard(Http2ConnectionHandler http2, ChannelHandlerContext context) {
        RequestedStreams streams = new RequestedStreams();
        AnsweredRequests answered = new AnsweredRequests(http2, context, streams, limits);
        StreamResets resets = new StreamResets(http2, context, streams, limits, StreamResets.MALFORMED_CALL, answered);
        StreamGuard guard = new StreamGuard(http2, streams, resets, limits);
        guard.check(grpc ->
                new RequestGuard(grpc, http2, guard::hasLargeHeaders, resets, answered, limits, otherProtocols));
        return guard;
    }

    /** Adds the guard between TLS, which grpc-java adds later, and HTTP/2, which it adds after the TLS handshake. */
    private final class Placement extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.fireChannelActive();
            ChannelPipeline pipeline = context.pipeline();
            ChannelHandlerContext tls = pipeline.context(SslHandler.class);
            if (tls != null) {
                pipeline.addAfter(tls.name(), null, new Placement());
                pipeline.remove(this);
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object first) throws Http2Exception {
            ChannelPipeline pipeline = context.pipeline();
            Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
            if (http2 != null) {
                pipeline.replace(this, null, guard(http2, pipeline.context(http2)));
                http2.decoder()
                        .flowController()
                        .incrementWindowSize(
                                http2.connection().connectionStream(), CONNECTION_WINDOW - SocketLimits.CALL_WINDOW);
            }
            context.fireChannelRead(first);
        }
    }
}
