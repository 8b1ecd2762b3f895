package dev.greeter.server.web;

import dev.greeter.server.socket.OtherPort;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.channel.group.ChannelGroup;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpDecoderConfig;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.CleartextHttp2ServerUpgradeHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2PingFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SettingsFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.grpc.netty.shaded.io.netty.handler.flush.FlushConsolidationHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** Sets up each connection for HTTP/1.1 or HTTP/2, as its caller chooses. */
@Sharable
final class WebPipeline extends ChannelInitializer<Channel> {

    private static final String H2C = "h2c";

    /** The number of answers after which those of one read are written. */
    private static final int FLUSHES = 64;

    /** Larger than the window of a call, as on the gRPC port. */
    private static final int CONNECTION_WINDOW = 16 * Http2CodecUtil.DEFAULT_WINDOW_SIZE;

    private static final ChannelHandler OBJECTS = new Http2StreamFrameToHttpObjectCodec(true);

    private final WebRoutes routes;
    private final ChannelGroup connections;
    private final OtherPort port;
    private final WebLimits limits;

    /** @param connections collects the open connections */
    WebPipeline(WebRoutes routes, ChannelGroup connections, OtherPort port, WebLimits limits) {
        this.routes = routes;
        this.connections = connections;
        this.port = port;
        this.limits = limits;
    }

    @Override
    protected void initChannel(Channel channel) {
        connections.add(channel);
        WebConnection connection = new WebConnection(limits);
        ChannelPipeline pipeline = channel.pipeline().addLast(new FlushConsolidationHandler(FLUSHES, true), connection);
        if (port.hasTls()) {
            pipeline.addLast(new Negotiated(connection));
            return;
        }
        HttpServerCodec http1 = http1Codec();
        pipeline.addLast(new CleartextHttp2ServerUpgradeHandler(
                        http1, new Upgrade(http1, connection), new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel prior) {
                                http2(prior.pipeline(), connection);
                            }
                        }))
                .addLast(new AfterUpgrade(connection));
    }

    private HttpServerCodec http1Codec() {
        return new HttpServerCodec(new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLine())
                .setMaxHeaderSize(limits.headers()));
    }

    private void http1(ChannelPipeline pipeline, WebConnection connection) {
        pipeline.addLast(new HttpServerExpectContinueHandler(), new RequestHandler(routes, connection));
    }

    private void http2(ChannelPipeline pipeline, WebConnection connection) {
        connection.useHttp2();
        Http2FrameCodec frames = frames();
        pipeline.addLast(frames, streams(connection), control(connection));
        port.guard(pipeline, frames);
    }

    /** Does without the limits of Netty that the guard replaces by those of the gRPC port. */
    private Http2FrameCodec frames() {
        return Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(limits.calls())
                        .maxHeaderListSize(limits.requestLine() + limits.headers()))
                .decoderEnforceMaxRstFramesPerWindow(0, 1)
                .encoderEnforceMaxRstFramesPerWindow(0, 1)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(0)
                .build();
    }

    private Http2MultiplexHandler streams(WebConnection connection) {
        return new Http2MultiplexHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(OBJECTS, new RequestHandler(routes, connection));
            }
        });
    }

    /** Sees the frames that belong to no stream, and lets calls that are not read hold up no other. */
    private static ChannelHandler control(WebConnection connection) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            @SuppressWarnings("FutureReturnValueIgnored") // a failure ends the connection
            public void handlerAdded(ChannelHandlerContext context) {
                context.write(
                        new DefaultHttp2WindowUpdateFrame(CONNECTION_WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE));
            }

            @Override
            public void channelRead(ChannelHandlerContext context, Object frame) {
                if (frame instanceof Http2SettingsFrame || (frame instanceof Http2PingFrame ping && !ping.ack())) {
                    connection.countControlFrame(context.channel());
                }
                ReferenceCountUtil.release(frame);
            }
        };
    }

    private HttpServerUpgradeHandler.@Nullable UpgradeCodec upgraded(CharSequence protocol, WebConnection connection) {
        if (!H2C.contentEquals(protocol)) {
            return null;
        }
        Http2FrameCodec frames = frames();
        return new Http2ServerUpgradeCodec(frames, streams(connection), control(connection)) {
            @Override
            public void upgradeTo(ChannelHandlerContext context, FullHttpRequest request) {
                connection.useHttp2();
                super.upgradeTo(context, request);
                port.guard(context.pipeline(), frames);
            }
        };
    }

    /** Upgrades connections to HTTP/2, unless the upgrade request has a large body or one of unknown length. */
    private final class Upgrade extends HttpServerUpgradeHandler {

        Upgrade(SourceCodec http1, WebConnection connection) {
            super(http1, protocol -> upgraded(protocol, connection), limits.message());
        }

        @Override
        protected boolean shouldHandleUpgradeRequest(HttpRequest request) {
            return !HttpUtil.isTransferEncodingChunked(request)
                    && HttpUtil.getContentLength(request, 0L) <= limits.message()
                    && !HttpUtil.is100ContinueExpected(request);
        }
    }

    /** Serves HTTP/1.1 if the first request was not an upgrade. */
    private final class AfterUpgrade extends ChannelInboundHandlerAdapter {

        private final WebConnection connection;

        AfterUpgrade(WebConnection connection) {
            this.connection = connection;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                request.headers().remove(HttpHeaderNames.UPGRADE);
                http1(context.pipeline(), connection);
                context.pipeline().remove(this);
            }
            context.fireChannelRead(message);
        }
    }

    private final class Negotiated extends ApplicationProtocolNegotiationHandler {

        private final WebConnection connection;

        Negotiated(WebConnection connection) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.connection = connection;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(context.pipeline(), connection);
            } else {
                http1(context.pipeline().addLast(http1Codec()), connection);
            }
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
