package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Closes connections beyond the limits when they are accepted, before they cost a handshake. It is a handler of the
 * listening channel, which passes each accepted channel as a message.
 */
@Sharable
final class ConnectionLimiter extends ChannelInboundHandlerAdapter implements MeterBinder {

    private static final int IPV6_NETWORK_BYTES = 8;

    private final LongAdder refused = new LongAdder();
    private final int limit;
    private final int limitPerPeer;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<ByteBuffer, Integer> openPerPeer = new ConcurrentHashMap<>();

    ConnectionLimiter(int limit, int limitPerPeer) {
        this.limit = limit;
        this.limitPerPeer = limitPerPeer;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        Channel connection = (Channel) accepted;
        ByteBuffer peer = peer(connection);
        int connections = open.incrementAndGet();
        int connectionsOfPeer = openPerPeer.merge(peer, 1, Integer::sum);
        if (connections <= limit && connectionsOfPeer <= limitPerPeer) {
            connection.closeFuture().addListener(closed -> release(peer));
            context.fireChannelRead(accepted);
        } else {
            release(peer);
            refused.increment();
            connection.unsafe().closeForcibly();
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("grpc.server.connections", open, AtomicInteger::get)
                .description("Open connections")
                .register(registry);
        FunctionCounter.builder("grpc.server.refusals", refused, LongAdder::sum)
                .description("Calls and connections that were refused")
                .tag("reason", "CONNECTION_LIMIT")
                .register(registry);
    }

    private void release(ByteBuffer peer) {
        open.decrementAndGet();
        openPerPeer.computeIfPresent(peer, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Returns the part of the address that a peer cannot choose freely. */
    private static ByteBuffer peer(Channel connection) {
        if (connection.remoteAddress() instanceof InetSocketAddress remote) {
            byte[] address = remote.getAddress().getAddress();
            return ByteBuffer.wrap(address, 0, Math.min(address.length, IPV6_NETWORK_BYTES));
        }
        return ByteBuffer.allocate(0);
    }
}
