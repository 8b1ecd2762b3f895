package dev.greeter.server.socket;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.DecompressorRegistry;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.atomic.LongAdder;

/**
 * The limits and meters that all instances of {@link StreamGuard} share. It is a handler of the listening channel that
 * adds a guard to each accepted connection.
 */
@Sharable
final class StreamLimits extends ChannelInboundHandlerAdapter implements MeterBinder {

    /** Header blocks below this part of the limit are not measured: only repetition by HPACK could exceed it. */
    private static final int LARGE = 8;

    private final int maxMetadata;
    private final int maxResetsPerSecond;
    private final DecompressorRegistry decompressors;
    private final Refusals refusals;
    private final OtherProtocols otherProtocols;
    private final LongAdder strayFrames = new LongAdder();
    private final LongAdder endedConnections = new LongAdder();

    StreamLimits(
            int maxMetadata,
            int maxResetsPerSecond,
            DecompressorRegistry decompressors,
            Refusals refusals,
            OtherProtocols otherProtocols) {
        this.otherProtocols = otherProtocols;
        this.refusals = refusals;
        this.maxMetadata = maxMetadata;
        this.maxResetsPerSecond = maxResetsPerSecond;
        this.decompressors = decompressors;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        ((Channel) accepted).pipeline().addLast(otherProtocols.http1(), new Placement());
        context.fireChannelRead(accepted);
    }

    OtherProtocols otherProtocols() {
        return otherProtocols;
    }

    int maxMetadata() {
        return maxMetadata;
    }

    int largeHeaders() {
        return maxMetadata / LARGE;
    }

    int maxResetsPerSecond() {
        return maxResetsPerSecond;
    }

    boolean knowsEncoding(String encoding) {
        return decompressors.lookupDecompressor(encoding) != null;
    }

    void countMalformedHeaders() {
        refusals.count(Refusal.HEADERS_MALFORMED);
    }

    void countStrayFrame() {
        strayFrames.increment();
    }

    void countEndedConnection() {
        endedConnections.increment();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bind("STRAY_FRAME", strayFrames, registry);
        bind("RESET_LIMIT", endedConnections, registry);
    }

    private static void bind(String reason, LongAdder count, MeterRegistry registry) {
        FunctionCounter.builder("grpc.server.refusals", count, LongAdder::sum)
                .description("Calls and connections that were refused")
                .tag("reason", reason)
                .register(registry);
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
        public void channelRead(ChannelHandlerContext context, Object first) {
            ChannelPipeline pipeline = context.pipeline();
            Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
            if (http2 != null) {
                pipeline.replace(this, null, new StreamGuard(http2, pipeline.context(http2), StreamLimits.this));
            }
            context.fireChannelRead(first);
        }
    }
}
