package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;

/** Counts the resets of callers, and resets streams that depend on themselves. */
final class FrameGuard extends Http2FrameListenerDecorator {

    private final StreamResets resets;

    FrameGuard(Http2FrameListener requests, StreamResets resets) {
        super(requests);
        this.resets = resets;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int stream,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean end)
            throws Http2Exception {
        if (dependency == RequestedStreams.ITSELF) {
            throw Http2Exception.streamError(stream, Http2Error.PROTOCOL_ERROR, "Stream %d depends on itself", stream);
        }
        super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long error) throws Http2Exception {
        resets.count(StreamResets.RESET);
        super.onRstStreamRead(context, stream, error);
    }
}
