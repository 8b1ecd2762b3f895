package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.ChannelPipeline;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.NettyRuntime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens a port beside that of gRPC, on which the same limits of connections and the same TLS hold. */
public final class OtherPort {

    private static final int BACKLOG = 1024;
    private static final int CLOSED = -1;

    private final LimitSettings limits;
    private final ChannelHandler connectionLimiter;
    private final @Nullable ServerTls tls;
    private final StreamLimits streams;
    private @Nullable EventLoopGroup eventLoops;
    private volatile int number = CLOSED;

    /** @param tls null for plaintext */
    OtherPort(LimitSettings limits, ChannelHandler connectionLimiter, @Nullable ServerTls tls, StreamLimits streams) {
        this.limits = limits;
        this.connectionLimiter = connectionLimiter;
        this.tls = tls;
        this.streams = streams;
    }

    /** Returns whether its connections begin with a handshake of TLS. */
    public boolean hasTls() {
        return tls != null;
    }

    boolean isOpen() {
        return number != CLOSED;
    }

    /** Returns the number of the port, also where any was asked for; -1 while it is not open. */
    public int number() {
        return number;
    }

    /** Returns how many calls may be open at the same time on one connection. */
    public int concurrentCallsPerConnection() {
        return limits.concurrentCallsPerConnection();
    }

    /** Returns how many streams one connection may reset in a second. */
    public int resetsPerSecond() {
        return limits.resetsPerSecond();
    }

    /** Returns how long a new connection may take to begin its first request. */
    public Duration handshakeTimeout() {
        return limits.handshakeTimeout();
    }

    /**
     * Listens there.
     *
     * @param threads how the event loops are called
     * @param connection initializes each connection behind its TLS
     */
    public synchronized Channel open(InetSocketAddress address, String threads, ChannelHandler connection)
            throws IOException {
        if (address.isUnresolved()) {
            throw new UnknownHostException("the address is unknown");
        }
        ChannelHandler watch = new AcceptWatch("web");
        EventLoopGroup loops = Transport.eventLoops(threads, NettyRuntime.availableProcessors());
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channelFactory(() -> Transport.listening(Transport.channels(), watch, connectionLimiter))
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        if (tls != null) {
                            SslHandler handshake = tls.otherContext().newHandler(accepted.alloc());
                            handshake.setHandshakeTimeoutMillis(
                                    limits.handshakeTimeout().toMillis());
                            accepted.pipeline().addLast(handshake);
                        }
                        accepted.pipeline().addLast(connection);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(loops);
            throw new IOException(
                    Objects.requireNonNullElse(
                            bound.cause().getMessage(), bound.cause().getClass().getSimpleName()),
                    bound.cause());
        }
        eventLoops = loops;
        number = ((InetSocketAddress) bound.channel().localAddress()).getPort();
        return bound.channel();
    }

    /**
     * Keeps the requests apart that share a connection of HTTP/2, like the calls on the gRPC port.
     *
     * @param http2 handler in the pipeline, which has read nothing but the upgrade to HTTP/2
     */
    public void guard(ChannelPipeline pipeline, Http2ConnectionHandler http2) {
        ChannelHandlerContext context = pipeline.context(http2);
        pipeline.addBefore(context.name(), null, WebRequestGuard.guard(http2, context, streams));
    }

    /** Ends the event loops of the port, and with them what is left of its connections. */
    public synchronized void close() {
        if (eventLoops != null) {
            stop(eventLoops);
            eventLoops = null;
            number = CLOSED;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    private static void stop(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
