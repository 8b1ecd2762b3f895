package dev.greeter.server.web;

import dev.greeter.service.WebPeer;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Closes a connection that is of no use: without a request for too long, or without a call while the server stops. */
final class WebConnection extends ChannelInboundHandlerAdapter {

    /** Tells each connection that the server stops. */
    static final Object STOP = new Object();

    private final long idleNanos;
    private final long handshakeNanos;
    private boolean begun;
    private boolean stopping;
    private boolean http2;
    private int calls;
    private long idleSince = System.nanoTime();

    /**
     * @param idle how long a connection is kept without a call
     * @param handshake how long a new one has until its first
     */
    WebConnection(Duration idle, Duration handshake) {
        this.idleNanos = idle.toNanos();
        this.handshakeNanos = handshake.toNanos();
    }

    void useHttp2() {
        http2 = true;
    }

    void begin() {
        begun = true;
        calls++;
    }

    void end() {
        calls--;
        idleSince = System.nanoTime();
    }

    boolean isStopping() {
        return stopping && !http2;
    }

    /** Returns who is at the other end of the connection that the channel is, or is a stream of. */
    static WebPeer peer(Channel channel) {
        Channel connection = channel.parent() instanceof ServerChannel ? channel : channel.parent();
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        return new WebPeer(
                connection.remoteAddress(), tls == null ? null : tls.engine().getSession());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        schedule(context, handshakeNanos);
    }

    private void schedule(ChannelHandlerContext context, long nanos) {
        after(Duration.ofNanos(nanos), context, () -> check(context));
    }

    /** Runs a task later unless the channel is closed before, so that closed channels are not retained. */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    static void after(Duration time, ChannelHandlerContext context, Runnable task) {
        Future<?> late = context.executor().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        context.channel().closeFuture().addListener(closed -> late.cancel(false));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    private void check(ChannelHandlerContext context) {
        long left = calls > 0 ? idleNanos : idleNanos - (System.nanoTime() - idleSince);
        if (!begun || left <= 0) {
            context.channel().close();
        } else {
            schedule(context, left);
        }
    }

    /** A connection of HTTP/2 sends GOAWAY when it is closed, and waits for its calls. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == STOP) {
            stopping = true;
            if (http2 || calls == 0) {
                context.channel().close();
            }
        } else {
            context.fireUserEventTriggered(event);
        }
    }
}
