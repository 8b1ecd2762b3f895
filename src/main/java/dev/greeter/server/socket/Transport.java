package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.DefaultSelectStrategyFactory;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;

/** The channels and the event loops of TCP: those of epoll where it is available. */
final class Transport {

    /**
     * The number of connections that an event loop reads from before it writes: replies are written after the loop has
     * read from all connections that it found ready, and until then each call uses some 4 KB.
     */
    private static final int CONNECTIONS_AT_ONCE = 8;

    private Transport() {}

    static ServerChannel listening(ChannelFactory<ServerChannel> channels, ChannelHandler... handlers) {
        ServerChannel listening = channels.newChannel();
        listening.pipeline().addLast(handlers);
        return listening;
    }

    static ChannelFactory<ServerChannel> channels() {
        return Epoll.isAvailable() ? EpollServerSocketChannel::new : NioServerSocketChannel::new;
    }

    static EventLoopGroup eventLoops(String name, int threads) {
        IoHandlerFactory io = Epoll.isAvailable()
                ? EpollIoHandler.newFactory(CONNECTIONS_AT_ONCE, DefaultSelectStrategyFactory.INSTANCE)
                : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    }
}
