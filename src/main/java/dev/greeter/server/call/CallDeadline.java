package dev.greeter.server.call;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Deadline;
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
 * The deadline of one call, which the {@link Context} of the call carries from the start. When it passes, the caller is
 * sent trailers, and a moment later the context is cancelled: that stops work in progress, and resets the stream of a
 * caller that does not read the trailers.
 */
final class CallDeadline extends DeadlineTimer.Timed implements TimerTask {

    private static final Context.Key<CallDeadline> KEY = Context.key("call deadline");
    private static final Status EXCEEDED =
            Status.DEADLINE_EXCEEDED.withDescription("The deadline passed before the call was complete.");
    private static final long MILLIS_FOR_TRAILERS = 100;

    /** Lets a context have a deadline without its own timer. */
    private static final ScheduledExecutorService NO_TIMER = new ScheduledThreadPoolExecutor(0) {
        @Override
        @SuppressWarnings("NullAway") // Context checks for null
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            return null;
        }
    };

    private final long asked;
    private final long nanos;
    private @Nullable CancellableContext context;
    private @Nullable EndableCall<?, ?> call;
    private boolean late;

    /** Guarded by the timer's lock. */
    private @Nullable Timeout timeout;

    /**
     * @param asked nanoseconds from now that the caller allows, or a negative number if its header is malformed
     * @param nanos nanoseconds from now after which the call is ended
     */
    CallDeadline(long asked, long nanos, DeadlineTimer timer) {
        super(timer.stripe());
        this.asked = asked;
        this.nanos = nanos;
    }

    /** Returns the deadline of the current call, unless it has none. */
    static @Nullable CallDeadline current() {
        return KEY.get();
    }

    /** Returns the deadline of the call with this context, unless it has none. */
    static @Nullable CallDeadline of(Context call) {
        return KEY.get(call);
    }

    /** Returns whether the header of the caller has the format of gRPC. */
    boolean isWellFormed() {
        return asked >= 0;
    }

    /** Returns whether the caller allows less time than the minimum, and that time has passed. */
    boolean hasPassed() {
        return asked < nanos && nanosPassed() >= asked;
    }

    /** Ends a call that has not reached its service. */
    void exceed(EndableCall<?, ?> late) {
        late.endEarly(EXCEEDED);
    }

    /** Ends the call at the deadline, unless it ends before. */
    void keep(EndableCall<?, ?> call) {
        this.call = call;
        begin();
    }

    @Override
    void startTimer(Timer timer) {
        CancellableContext unfinished = context;
        if (unfinished != null) {
            Deadline deadline = unfinished.getDeadline();
            timeout = timer.newTimeout(this, deadline.timeRemaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run(Timeout passed) {
        EndableCall<?, ?> unanswered = call;
        if (unanswered != null && !late) {
            late = true;
            unanswered.endEarly(EXCEEDED);
            passed.timer().newTimeout(this, MILLIS_FOR_TRAILERS, TimeUnit.MILLISECONDS);
            return;
        }
        CancellableContext unfinished = context;
        if (unfinished != null) {
            unfinished.cancel(new TimeoutException("The deadline passed"));
        }
    }

    /** Returns the context for the call. */
    Context apply(Context root) {
        CancellableContext limited =
                root.withValue(KEY, this).withDeadline(Deadline.after(nanos, TimeUnit.NANOSECONDS), NO_TIMER);
        context = limited;
        return limited;
    }

    /** Returns the nanoseconds since the context was created; 0 without a context, if the call was refused at once. */
    long nanosPassed() {
        CancellableContext begun = context;
        return begun == null ? 0 : nanos - begun.getDeadline().timeRemaining(TimeUnit.NANOSECONDS);
    }

    /** Returns whether the server has ended the call with this status, which the transport did not make then. */
    boolean isEndedWith(Status.Code code) {
        EndableCall<?, ?> ended = call;
        return ended != null && ended.isClosedWith(code);
    }

    void callEnded() {
        end();
        Timeout started = timeout;
        if (started != null) {
            started.cancel();
        }
    }
}
