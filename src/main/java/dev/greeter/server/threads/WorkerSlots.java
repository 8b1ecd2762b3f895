package dev.greeter.server.threads;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits the calls on workers. A call without a free slot waits a moment for one: a caller that is refused at once may
 * retry at once, and refusals take time from the calls that could be answered.
 */
final class WorkerSlots {

    /** The maximum number of waiting calls per slot, which bounds their memory. */
    private static final int WAITING_PER_SLOT = 16;

    private final Refusals refusals;
    private final Executor workers;
    private final Duration patience;
    private final int maxWaiting;
    private final Semaphore free;
    private final Queue<WaitingCall> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCalls = new AtomicInteger();
    private final AtomicBoolean watched = new AtomicBoolean();

    WorkerSlots(Executor workers, int slots, Duration patience, Refusals refusals) {
        this.workers = workers;
        this.refusals = refusals;
        this.patience = patience;
        this.maxWaiting = WAITING_PER_SLOT * slots;
        this.free = new Semaphore(slots);
    }

    /** Returns the executor that runs the call as soon as a slot is free, or null if too many calls are waiting. */
    @Nullable
    Executor admit(ServerCall<?, ?> call) {
        if (waiting.isEmpty() && free.tryAcquire()) {
            return workers;
        }
        return waitingCalls.get() < maxWaiting ? new WaitingCall(call) : null;
    }

    /** Returns the number of free slots. */
    int free() {
        return free.availablePermits();
    }

    void release() {
        free.release();
        startWaiting();
    }

    private void startWaiting() {
        while (!waiting.isEmpty() && free.tryAcquire()) {
            WaitingCall next = poll();
            if (next == null || !next.start()) {
                free.release();
            }
        }
    }

    private @Nullable WaitingCall poll() {
        WaitingCall next = waiting.poll();
        if (next != null) {
            waitingCalls.decrementAndGet();
        }
        return next;
    }

    private void watch() {
        if (watched.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(patience.toNanos() / 4, TimeUnit.NANOSECONDS)
                    .execute(() -> {
                        watched.set(false);
                        refuseWhoWaitedTooLong();
                    });
        }
    }

    private void refuseWhoWaitedTooLong() {
        WaitingCall first = waiting.peek();
        while (first != null && first.hasWaitedTooLong()) {
            if (waiting.remove(first)) {
                waitingCalls.decrementAndGet();
                first.refuse();
            }
            first = waiting.peek();
        }
        if (first != null) {
            watch();
        }
    }

    /** Delays the first task of a call until a slot is free; the other tasks follow it. */
    private final class WaitingCall implements Executor {

        private final ServerCall<?, ?> call;
        private final long since = System.nanoTime();
        private @Nullable Runnable first;

        WaitingCall(ServerCall<?, ?> call) {
            this.call = call;
        }

        @Override
        public void execute(Runnable task) {
            if (first == null) {
                first = task;
                waitingCalls.incrementAndGet();
                waiting.add(this);
                startWaiting();
                watch();
            } else {
                workers.execute(task);
            }
        }

        boolean hasWaitedTooLong() {
            return System.nanoTime() - since > patience.toNanos();
        }

        void refuse() {
            refusals.close(call, Refusal.WORKERS_BUSY);
        }

        /** Returns whether the call uses the slot. */
        boolean start() {
            if (call.isCancelled()) {
                return false;
            }
            if (hasWaitedTooLong()) {
                refuse();
                return false;
            }
            if (first != null) {
                workers.execute(first);
            }
            return true;
        }
    }
}
