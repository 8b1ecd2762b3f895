package dev.greeter.server;

import io.grpc.netty.shaded.io.netty.util.HashedWheelTimer;
import io.grpc.netty.shaded.io.netty.util.Timer;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Tells calls that their time is over. Looks at new ones every 10 ms: most are over by then, and never cost what it takes
 * to start and to stop a timer.
 */
final class DeadlineTimer {

    private static final long TICK_MILLIS = 10;

    private final Timer timer =
            new HashedWheelTimer(new DefaultThreadFactory("call-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);
    private final Queue<CallDeadline> begun = new ConcurrentLinkedQueue<>();

    DeadlineTimer() {
        tick();
    }

    void watch(CallDeadline call) {
        begun.add(call);
    }

    private void tick() {
        // First, so that there is a next look whatever becomes of this one.
        timer.newTimeout(timeout -> tick(), TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (CallDeadline call = begun.poll(); call != null; call = begun.poll()) {
            call.startTimer(timer);
        }
    }
}
