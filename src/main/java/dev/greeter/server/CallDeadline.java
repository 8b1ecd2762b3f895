package dev.greeter.server;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.util.Timeout;
import io.grpc.netty.shaded.io.netty.util.Timer;
import io.grpc.netty.shaded.io.netty.util.TimerTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The deadline of one call. The call's {@link Context} carries it from the start; when it passes, the caller is told by
 * trailers, and a moment later the context is cancelled: that stops work that is still under way, and resets the stream
 * of a caller who does not take the trailers.
 */
final class CallDeadline extends ServerStreamTracer implements TimerTask {

    private static final Context.Key<CallDeadline> KEY = Context.key("call deadline");
    private static final Status EXCEEDED =
            Status.DEADLINE_EXCEEDED.withDescription("The deadline passed before the call was complete.");
    private static final long MILLIS_FOR_TRAILERS = 100;

    /** Lets a context carry a deadline without a timer of its own. */
    private static final ScheduledExecutorService NO_TIMER = new ScheduledThreadPoolExecutor(0) {
        @Override
        @SuppressWarnings("NullAway") // Context asks whether there is one
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return null;
        }
    };

    private final Deadline deadline;
    private final boolean wellFormed;
    private @Nullable CancellableContext context;
    private volatile @Nullable ServerCall<?, ?> call;
    private volatile @Nullable Timeout timeout;
    private volatile boolean exceeded;
    private volatile boolean ended;

    CallDeadline(Deadline deadline, boolean wellFormed) {
        this.deadline = deadline;
        this.wellFormed = wellFormed;
    }

    /** Returns the deadline of the current call, unless it has none. */
    static @Nullable CallDeadline current() {
        return KEY.get();
    }

    /** Returns whether the caller asked for it in the format of gRPC. */
    boolean isWellFormed() {
        return wellFormed;
    }

    boolean isExceeded() {
        return exceeded;
    }

    /** Closes the call when the deadline passes, unless it has ended before. */
    void keep(ServerCall<?, ?> call, Timer timer) {
        this.call = call;
        arm(timer, deadline.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
    }

    private void arm(Timer timer, long delay, TimeUnit unit) {
        Timeout armed = timer.newTimeout(this, delay, unit);
        timeout = armed;
        if (ended) {
            armed.cancel();
        }
    }

    @Override
    public void run(Timeout passed) {
        if (exceeded) {
            if (context != null) {
                context.cancel(new TimeoutException("The deadline passed"));
            }
            return;
        }
        exceeded = true;
        if (call != null) {
            call.close(EXCEEDED, new Metadata());
        }
        passed.timer().newTimeout(this, MILLIS_FOR_TRAILERS, TimeUnit.MILLISECONDS);
    }

    @Override
    public Context filterContext(Context root) {
        context = root.withValue(KEY, this).withDeadline(deadline, NO_TIMER);
        return context;
    }

    /** Overrides what would make an object per call for a deprecated method. */
    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> info) {}

    @Override
    public void streamClosed(Status status) {
        ended = true;
        Timeout armed = timeout;
        if (armed != null) {
            armed.cancel();
        }
    }
}
