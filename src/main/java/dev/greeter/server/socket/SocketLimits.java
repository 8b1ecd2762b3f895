package dev.greeter.server.socket;

import io.grpc.ServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.util.NettyRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.jspecify.annotations.Nullable;

/** Sets the limits of a server with sockets that the starter has no settings for. */
final class SocketLimits implements GrpcServerConfigurer, AutoCloseable {

    /** The number of bytes that a caller may send before its call reads them. */
    static final int CALL_WINDOW = 256 * 1024;

    /**
     * The number of bytes of headers that Netty reads. It closes a connection that exceeds this by a quarter, so it has
     * to be large enough for calls that are refused one by one.
     */
    private static final int MAX_HEADERS = 256 * 1024;

    /**
     * The factor by which a ping may arrive earlier than permitted: pings that are sent evenly do not arrive evenly,
     * and a client is disconnected at the third early ping, however long it has been connected.
     */
    private static final int KEEP_ALIVE_JITTER = 2;

    private final LimitSettings settings;
    private final GrpcServerProperties server;
    private final ChannelHandler connectionLimiter;
    private final StreamLimits streamLimits;
    private final ChannelHandler streamGuards;
    private final List<EventLoopGroup> eventLoops = new ArrayList<>();
    private final ChannelHandler acceptWatch = new AcceptWatch("gRPC");
    private @Nullable SocketFile socketFile;

    SocketLimits(
            LimitSettings settings,
            GrpcServerProperties server,
            ChannelHandler connectionLimiter,
            StreamLimits streamLimits,
            OtherProtocols otherProtocols) {
        this.settings = settings;
        this.server = server;
        this.connectionLimiter = connectionLimiter;
        this.streamLimits = streamLimits;
        this.streamGuards = new StreamGuards(streamLimits, otherProtocols);
    }

    @Override
    public void accept(ServerBuilder<?> builder) {
        if (builder instanceof NettyServerBuilder sockets) {
            sockets.maxConcurrentCallsPerConnection(settings.concurrentCallsPerConnection())
                    .maxRstFramesPerWindow(Integer.MAX_VALUE, 1) // StreamResets counts them
                    .maxInboundMetadataSize(Math.max(MAX_HEADERS, streamLimits.maxMetadata()))
                    .flowControlWindow(CALL_WINDOW)
                    .permitKeepAliveTime(
                            server.getPermitKeepAliveTime().toNanos() / KEEP_ALIVE_JITTER, TimeUnit.NANOSECONDS)
                    .addStreamTracerFactory(StreamStatus.factory())
                    .handshakeTimeout(settings.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS);
            if (server.getAddress().startsWith("unix:")) {
                if (socketFile == null) {
                    socketFile = SocketFile.reserve(server.getAddress());
                }
                // Its peers have no address to count by.
                listen(sockets, EpollServerDomainSocketChannel::new, acceptWatch, streamGuards);
            } else {
                listen(sockets, Transport.channels(), acceptWatch, connectionLimiter, streamGuards);
            }
        }
    }

    /**
     * grpc-java gives access to the listening channel only if its event loops are set as well; those of the starter for
     * a socket's file would keep the process of a failed start alive.
     */
    private void listen(
            NettyServerBuilder sockets, ChannelFactory<ServerChannel> channels, ChannelHandler... handlers) {
        sockets.channelFactory(() -> Transport.listening(channels, handlers))
                .bossEventLoopGroup(keep(Transport.eventLoops("grpc-acceptor", 1)))
                .workerEventLoopGroup(
                        keep(Transport.eventLoops("grpc-event-loop", NettyRuntime.availableProcessors())));
    }

    private EventLoopGroup keep(EventLoopGroup group) {
        eventLoops.add(group);
        return group;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it
    public void close() {
        eventLoops.forEach(group -> group.shutdownGracefully(0, 0, TimeUnit.SECONDS));
        if (socketFile != null) {
            socketFile.close();
        }
    }
}
