package dev.greeter.client;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The open sockets of a server, which close without a GOAWAY when its process is killed. */
final class ServerSockets {

    private final Collection<Channel> open = new ConcurrentLinkedQueue<>();

    ServerChannel listening() {
        ServerChannel listening = new NioServerSocketChannel();
        open.add(listening);
        listening.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object accepted) {
                open.add((Channel) accepted);
                context.fireChannelRead(accepted);
            }
        });
        return listening;
    }

    /** Closes below the handlers, which would send a GOAWAY. */
    void kill() {
        open.forEach(socket -> socket.eventLoop().execute(() -> socket.unsafe().close(socket.voidPromise())));
    }
}
