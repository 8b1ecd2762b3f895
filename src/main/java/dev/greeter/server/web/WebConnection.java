package dev.greeter.server.web;

import dev.greeter.service.WebPeer;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodec;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends a connection that is of no use, too old or dead, or at the stop of the server. */
final class WebConnection extends ChannelInboundHandlerAdapter {

    /** Tells each connection that the server stops. */
    static final Object STOP = new Object();

    private static final long SECOND = 1_000_000_000;

    /** As in grpc-java, so that connections that were made together do not end together. */
    private static final double JITTER = 0.1;

    private final WebLimits limits;
    private final long begin = System.nanoTime();
    private final long age;
    private final Queue<Answer> unread = new ArrayDeque<>();
    private @Nullable Future<?> checks;
    private boolean begun;
    private boolean ending;
    private boolean http2;
    private int calls;
    private long idleSince = begin;
    private long lastRead = begin;
    private long pinged = begin;
    private long secondBegin = begin;
    private int controlFrames;

    WebConnection(WebLimits limits) {
        this.limits = limits;
        this.age = (long) (limits.age().toNanos() * ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER));
    }

    /** The last part of an answer, which its caller has to read. */
    private record Answer(Channel channel, ChannelFuture written, long since) {}

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

    /** Returns whether a connection of HTTP/1.1 ends with its next answer. */
    boolean isLast() {
        return ending && !http2;
    }

    /** Closes the channel of an answer if it is not read in time. */
    void expectRead(Channel channel, ChannelFuture written) {
        if (unread.size() > limits.calls()) {
            unread.removeIf(answer -> answer.written.isDone());
        }
        if (!written.isDone()) {
            unread.add(new Answer(channel, written, System.nanoTime()));
        }
    }

    /** Counts a frame of HTTP/2 that asks for nothing but an answer, and ends the connection if there are too many. */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    void countControlFrame(Channel channel) {
        long now = System.nanoTime();
        if (now - secondBegin > SECOND) {
            secondBegin = now;
            controlFrames = 0;
        }
        if (++controlFrames == limits.resetsPerSecond()) {
            channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM))
                    .addListener(written -> end(channel, Duration.ZERO));
        }
    }

    /** Returns who is at the other end of the connection that the channel is, or is a stream of. */
    static WebPeer peer(Channel channel) {
        Channel connection = isStream(channel) ? channel.parent() : channel;
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        return new WebPeer(
                connection.remoteAddress(), tls == null ? null : tls.engine().getSession());
    }

    /** Returns whether the channel is a stream of HTTP/2. */
    static boolean isStream(Channel channel) {
        return !(channel.parent() instanceof ServerChannel);
    }

    /** Checks the limits as often as the shortest of them requires. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Duration shortest = Collections.min(List.of(
                limits.handshake(), limits.idle(), limits.age(), limits.keepAlive(), limits.keepAliveTimeout()));
        long period = Math.max(1, shortest.toMillis());
        checks = context.executor()
                .scheduleWithFixedDelay(() -> check(context.channel()), period, period, TimeUnit.MILLISECONDS);
    }

    /** Runs a task later unless the channel is closed before, so that closed channels are not retained. */
    @SuppressWarnings("FutureReturnValueIgnored") // addListener returns the future it is called on
    static void after(Duration time, ChannelHandlerContext context, Runnable task) {
        Future<?> late = context.executor().schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        context.channel().closeFuture().addListener(closed -> late.cancel(false));
    }

    private void check(Channel channel) {
        long now = System.nanoTime();
        unread.removeIf(answer -> answer.written.isDone());
        while (!unread.isEmpty()
                && now - unread.element().since >= limits.handshake().toNanos()) {
            close(unread.remove().channel);
        }
        if ((!begun && now - begin >= limits.handshake().toNanos())
                || (calls == 0 && now - idleSince >= limits.idle().toNanos())) {
            end(channel, Duration.ZERO);
        } else if (!ending && now - begin >= age) {
            end(channel, limits.ageGrace());
        } else if (http2) {
            keepAlive(channel, now);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer tells whether the connection is alive
    private void keepAlive(Channel channel, long now) {
        if (pinged - lastRead > 0) {
            if (now - pinged >= limits.keepAliveTimeout().toNanos()) {
                end(channel, Duration.ZERO);
            }
        } else if (now - lastRead >= limits.keepAlive().toNanos()) {
            pinged = now;
            channel.writeAndFlush(new DefaultHttp2PingFrame(now));
        }
    }

    /** Ends the connection after its calls: of HTTP/2 by GOAWAY, of HTTP/1.1 with the next answer. */
    private void end(Channel channel, Duration grace) {
        ending = true;
        if (http2) {
            Http2FrameCodec frames = channel.pipeline().get(Http2FrameCodec.class);
            frames.gracefulShutdownTimeoutMillis(grace.toMillis());
            close(channel);
        } else if (calls == 0) {
            close(channel);
        } else {
            after(grace, channel.pipeline().context(this), () -> close(channel));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    private static void close(Channel channel) {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        lastRead = System.nanoTime();
        context.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (checks != null) {
            checks.cancel(false);
        }
        context.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == STOP) {
            end(context.channel(), limits.stopGrace());
        } else {
            context.fireUserEventTriggered(event);
        }
    }
}
