package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;

/** Tells {@link AcceptFailures} what becomes of the connections of a listening channel. */
@Sharable
final class AcceptWatch extends ChannelInboundHandlerAdapter {

    private final AcceptFailures failures;

    /** @param port what the messages call it */
    AcceptWatch(String port) {
        this.failures = new AcceptFailures(port);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        failures.accepted();
        context.fireChannelRead(accepted);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failures.failed(cause);
        context.fireExceptionCaught(cause);
    }
}
