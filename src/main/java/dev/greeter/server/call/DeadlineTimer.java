package dev.greeter.server.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.netty.shaded.io.netty.util.HashedWheelTimer;
import io.grpc.netty.shaded.io.netty.util.Timer;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts a timer for each call that is still open at a tick, every 10 ms: most calls begin and end between two ticks
 * and never need a timer.
 */
final class DeadlineTimer implements AutoCloseable {

    private static final long TICK_MILLIS = 10;

    /** More than the event loops, which begin the calls, so that few of them share a stripe. */
    private static final int STRIPES =
            8 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

    private final Timer timer =
            new HashedWheelTimer(new DefaultThreadFactory("call-deadlines", true), TICK_MILLIS, TimeUnit.MILLISECONDS);
    private final Stripe[] stripes = Stream.generate(Stripe::new).limit(STRIPES).toArray(Stripe[]::new);

    DeadlineTimer() {
        tick();
    }

    /** Returns the stripe of the calls that begin on this thread. */
    Stripe stripe() {
        return stripes[Thread.currentThread().hashCode() & (STRIPES - 1)];
    }

    private void tick() {
        // First, so that the next tick does not depend on this one.
        timer.newTimeout(timeout -> tick(), TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (Stripe stripe : stripes) {
            stripe.startTimers(timer);
        }
    }

    @Override
    @SuppressWarnings("CheckReturnValue") // the remaining timers are not needed
    public void close() {
        timer.stop();
    }

    /** A call that waits for the tick. */
    abstract static class Timed {

        @GuardedBy("stripe")
        private int index = -1;

        @GuardedBy("stripe")
        private boolean ended;

        private final Stripe stripe;

        Timed(Stripe stripe) {
            this.stripe = stripe;
        }

        final void begin() {
            stripe.add(this);
        }

        final void end() {
            stripe.end(this);
        }

        abstract void startTimer(Timer timer);
    }

    /** The open calls that began on some of the threads since the last tick. */
    @SuppressWarnings("GuardedBy") // a call belongs to one stripe
    static final class Stripe {

        @GuardedBy("this")
        private final List<Timed> calls = new ArrayList<>();

        private synchronized void add(Timed call) {
            if (!call.ended) {
                call.index = calls.size();
                calls.add(call);
            }
        }

        private synchronized void end(Timed call) {
            call.ended = true;
            if (call.index >= 0) {
                Timed last = calls.remove(calls.size() - 1);
                if (call.index < calls.size()) {
                    last.index = call.index;
                    calls.set(call.index, last);
                }
            }
        }

        private synchronized void startTimers(Timer timer) {
            for (Timed call : calls) {
                call.index = -1;
                call.startTimer(timer);
            }
            calls.clear();
        }
    }
}
