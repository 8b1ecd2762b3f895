package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;

/** Counts the resets of callers, resets streams that depend on themselves, and keeps the table of HPACK small. */
final class FrameGuard extends Http2FrameListenerDecorator {

    private final Http2ConnectionHandler http2;
    private final StreamResets resets;

    FrameGuard(Http2FrameListener requests, Http2ConnectionHandler http2, StreamResets resets) {
        super(requests);
        this.http2 = http2;
        this.resets = resets;
    }

    /** Uses no more of the table than the default: Netty would keep all that callers offer, up to 4 GB of answers. */
    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
        Long table = settings.headerTableSize();
        if (table != null && table > Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE) {
            http2.encoder()
                    .configuration()
                    .headersConfiguration()
                    .maxHeaderTableSize(Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE);
        }
        super.onSettingsRead(context, settings);
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
