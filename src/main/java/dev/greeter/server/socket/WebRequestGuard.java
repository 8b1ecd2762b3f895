package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;

/** Checks the headers of requests on the web port, which Netty would reset without an answer. */
final class WebRequestGuard extends Http2FrameListenerDecorator {

    private final Http2ConnectionHandler http2;
    private final StreamResets resets;

    private WebRequestGuard(Http2FrameListener web, Http2ConnectionHandler http2, StreamResets resets) {
        super(web);
        this.http2 = http2;
        this.resets = resets;
    }

    /** @param context of the HTTP/2 handler, in the pipeline of the guard */
    static StreamGuard guard(Http2ConnectionHandler http2, ChannelHandlerContext context, StreamLimits limits) {
        RequestedStreams streams = new RequestedStreams();
        if (http2.connection().streamMayHaveExisted(Http2CodecUtil.HTTP_UPGRADE_STREAM_ID)) {
            streams.begin(Http2CodecUtil.HTTP_UPGRADE_STREAM_ID);
        }
        StreamResets resets = new StreamResets(http2, context, streams, limits, StreamResets.MALFORMED_REQUEST, null);
        StreamGuard guard = new StreamGuard(http2, streams, resets, limits);
        guard.check(web -> new WebRequestGuard(web, http2, resets));
        return guard;
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
        Http2Stream open = http2.connection().stream(stream);
        if ((open.isTrailersReceived() && open.state().remoteSideOpen()) || isValid(headers)) {
            super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
        } else {
            resets.refuse(stream);
        }
    }

    private static boolean isValid(Http2Headers headers) {
        CharSequence method = headers.method();
        return method != null
                && (headers.path() != null || HttpMethod.CONNECT.name().contentEquals(method))
                && FieldValidity.hasValidFields(headers);
    }

    /** Counts the frames that carry nothing, as Netty would end the connection at the third. */
    @Override
    public int onDataRead(ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean end)
            throws Http2Exception {
        if (!end && !data.isReadable()) {
            resets.count(StreamResets.REFUSAL);
        }
        return super.onDataRead(context, stream, data, padding, end);
    }
}
