package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What does not fit into the queue of a log is counted, and what fits is written at the stop. */
class LogQueueTest {

    private static final int CAPACITY = 4096;

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("test");
    private final SlowLog log = new SlowLog();
    private final LogQueue queue = new LogQueue(log);

    @BeforeEach
    void start() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        log.setContext(context);
        log.start();
        queue.setContext(context);
        queue.start();
        logger.addAppender(queue);
    }

    @Test
    void theMissingLinesAreToldAtTheStop() {
        logLines(1);
        await().until(() -> log.lock.hasQueuedThreads());
        logLines(CAPACITY + 3);
        log.lock.release();
        await().until(() -> log.lines.size() == 1 && log.lock.hasQueuedThreads());

        Thread stop = stop();
        log.lock.release(CAPACITY + 100);

        await().until(() -> !stop.isAlive());
        assertThat(log.lines).hasSize(1 + CAPACITY + 1);
        assertThat(log.lines.get(1 + CAPACITY)).startsWith("3 lines are missing here");
    }

    @Test
    void theStopWaitsForAReaderThatPauses() {
        logLines(3);
        Thread stop = stop();
        CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS).execute(() -> log.lock.release(3));

        await().until(() -> !stop.isAlive());
        assertThat(log.lines).hasSize(3);
    }

    @Test
    void theStopDoesNotWaitForAReaderThatHasGone() {
        logLines(3);
        Thread stop = stop();

        await().atMost(Duration.ofSeconds(10)).until(() -> !stop.isAlive());
        assertThat(log.lines).isEmpty();
    }

    private void logLines(int count) {
        for (int i = 0; i < count; i++) {
            logger.info("line");
        }
    }

    /** Returns the thread that waits for the writer. */
    private Thread stop() {
        Thread stop = new Thread(queue::stop);
        stop.start();
        await().until(() -> stop.getState() == Thread.State.TIMED_WAITING);
        return stop;
    }

    /** Writes as many lines as there are permits. */
    private static final class SlowLog extends AppenderBase<ILoggingEvent> {

        private final Semaphore lock = new Semaphore(0);
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            lock.acquireUninterruptibly();
            lines.add(event.getFormattedMessage());
        }
    }
}
