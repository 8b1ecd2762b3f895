package dev.greeter.server.socket;

import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.DefaultSelectStrategyFactory;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.NettyRuntime;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;

/** Sets on a server with sockets the limits that the starter has no key for. */
final class SocketLimits implements GrpcServerConfigurer, AutoCloseable {

    /** How many bytes a connection may send ahead at first; grows with what it turns out to carry. */
    private static final int FLOW_CONTROL_WINDOW = 256 * 1024;

    /**
     * How many connections an event loop reads from before it writes: replies go out when the loop has read from all
     * connections that it has found ready, and until then each call keeps some 4 KB.
     */
    private static final int CONNECTIONS_AT_ONCE = 8;

    /**
     * How many bytes of headers Netty reads. It closes a connection over more than these and a quarter, so that they
     * leave room for calls that are refused one by one.
     */
    private static final int MAX_HEADERS = 256 * 1024;

    /**
     * How much sooner than permitted a ping may come: pings that are sent evenly do not arrive evenly, and a client is
     * disconnected at the third that comes too soon, however long it has been connected.
     */
    private static final int KEEP_ALIVE_JITTER = 2;

    private final LimitSettings settings;
    private final GrpcServerProperties server;
    private final ChannelHandler connectionLimiter;
    private final StreamLimits streamLimits;
    private final List<EventLoopGroup> eventLoops = new ArrayList<>();

    SocketLimits(
            LimitSettings settings,
            GrpcServerProperties server,
            ChannelHandler connectionLimiter,
            StreamLimits streamLimits) {
        this.settings = settings;
        this.server = server;
        this.connectionLimiter = connectionLimiter;
        this.streamLimits = streamLimits;
    }

    @Override
    public void accept(ServerBuilder<?> builder) {
        if (builder instanceof NettyServerBuilder sockets) {
            sockets.maxConcurrentCallsPerConnection(settings.concurrentCallsPerConnection())
                    .maxRstFramesPerWindow(Integer.MAX_VALUE, 1) // the stream limits count them
                    .maxInboundMetadataSize(Math.max(MAX_HEADERS, streamLimits.maxMetadata()))
                    .initialFlowControlWindow(FLOW_CONTROL_WINDOW)
                    .permitKeepAliveTime(
                            server.getPermitKeepAliveTime().toNanos() / KEEP_ALIVE_JITTER, TimeUnit.NANOSECONDS)
                    .handshakeTimeout(settings.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
            if (server.getAddress().startsWith("unix:")) {
                // Its peers have no address to count.
                sockets.channelFactory(() -> listening(EpollServerDomainSocketChannel::new, streamLimits));
            } else {
                limitConnections(sockets);
            }
        }
    }

    /** grpc-java gives no access to the listening channel, unless it gets all that belongs to it. */
    private void limitConnections(NettyServerBuilder sockets) {
        boolean epoll = Epoll.isAvailable();
        ChannelFactory<ServerChannel> channels = epoll ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
        sockets.channelFactory(() -> listening(channels, connectionLimiter, streamLimits))
                .bossEventLoopGroup(eventLoops("grpc-acceptor", 1, epoll))
                .workerEventLoopGroup(eventLoops("grpc-event-loop", NettyRuntime.availableProcessors(), epoll));
    }

    private static ServerChannel listening(ChannelFactory<ServerChannel> channels, ChannelHandler... handlers) {
        ServerChannel listening = channels.newChannel();
        listening.pipeline().addLast(handlers);
        return listening;
    }

    private EventLoopGroup eventLoops(String name, int threads, boolean epoll) {
        IoHandlerFactory io = epoll
                ? EpollIoHandler.newFactory(CONNECTIONS_AT_ONCE, DefaultSelectStrategyFactory.INSTANCE)
                : NioIoHandler.newFactory();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
        eventLoops.add(group);
        return group;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after them
    public void close() {
        eventLoops.forEach(group -> group.shutdownGracefully(0, 0, TimeUnit.SECONDS));
    }
}
