package dev.greeter.start;

import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusListener;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells a listener on a separate thread what Logback says about itself. Most listeners print it: if standard output
 * accepts no more, they never return, and the stop waits for a lock that Logback holds meanwhile.
 */
final class StatusQueue implements StatusListener {

    private static final int CAPACITY = 256;

    private final StatusListener listener;
    private final Executor teller = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(CAPACITY),
            task -> {
                Thread thread = new Thread(task, "log-status");
                thread.setDaemon(true);
                return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());

    StatusQueue(StatusListener listener) {
        this.listener = listener;
    }

    @Override
    public void addStatusEvent(Status status) {
        teller.execute(() -> listener.addStatusEvent(status));
    }

    @Override
    public boolean isResetResistant() {
        return listener.isResetResistant();
    }
}
