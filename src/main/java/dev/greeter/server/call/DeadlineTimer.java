package dev.greeter.server.call;

import io.grpc.netty.shaded.io.netty.util.HashedWheelTimer;
import io.grpc.netty.shaded.io.netty.util.Timer;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Tells calls that their time is over. Looks every 10 ms for calls that have not ended: most begin and end between two
 * looks, and never cost what it takes to start and to stop a timer.
 */
final class DeadlineTimer {

    private static final long TICK_MILLIS = 10;

    /** More than threads that begin calls, which are the event loops, so that few of them meet. */
    private static final int STRIPES =
            8 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

    private final Timer timer =
            new HashedWheelTimer(new DefaultThreadFactory("call-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);
    private final OpenCalls[] stripes =
            Stream.generate(OpenCalls::new).limit(STRIPES).toArray(OpenCalls[]::new);

    DeadlineTimer() {
        tick();
    }

    /** Returns where calls that begin on this thread are kept open. */
    OpenCalls openCalls() {
        return stripes[Thread.currentThread().hashCode() & (STRIPES - 1)];
    }

    private void tick() {
        // First, so that there is a next look whatever becomes of this one.
        timer.newTimeout(timeout -> tick(), TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (OpenCalls calls : stripes) {
            calls.startTimers(timer);
        }
    }
}
