package dev.greeter.database;

import io.grpc.Context;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;

/** Repeats database work that belongs to no call, on its own threads, and cancels it when it takes too long. */
public final class DatabaseTask implements InitializingBean, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(DatabaseTask.class);

    private final String name;
    private final Duration interval;
    private final Duration bound;
    private final Runnable work;
    private final ScheduledThreadPoolExecutor timer;

    /**
     * @param interval time from the start, and from the end of each run, to the next run
     * @param bound time after which its statements are cancelled
     */
    public DatabaseTask(String name, Duration interval, Duration bound, Runnable work) {
        this.name = name;
        this.interval = interval;
        this.bound = bound;
        this.work = work;
        // One thread does the work, the other cancels it.
        this.timer = new ScheduledThreadPoolExecutor(2, DaemonThreads.named(name));
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void afterPropertiesSet() {
        Future<?> unused = timer.scheduleWithFixedDelay(
                this::run, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void destroy() {
        timer.shutdownNow();
    }

    private void run() {
        Context.CancellableContext limited =
                Context.ROOT.withDeadlineAfter(bound.toMillis(), TimeUnit.MILLISECONDS, timer);
        try {
            limited.run(work);
        } catch (DatabaseFailure e) {
            log.debug("{} will be repeated later", name, e);
        } catch (RuntimeException e) {
            log.warn("{} failed and will be repeated later", name, e);
        } finally {
            limited.cancel(null);
        }
    }
}
