package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.OutputStream;
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

    @Test
    void linesThatWaitAreWrittenTogether() {
        SlowStream stream = new SlowStream();
        LogQueue streamed = new LogQueue(stream.log(context));
        streamed.setContext(context);
        streamed.start();
        logger.detachAppender(queue);
        logger.addAppender(streamed);
        logLines(1);
        await().until(() -> stream.lock.hasQueuedThreads());
        logLines(100);
        stream.lock.release(2);

        await().untilAsserted(() -> assertThat(stream.toString().lines()).hasSize(101));
        assertThat(stream.lock.availablePermits()).isZero();
        streamed.stop();
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

    /** Is flushed as often as there are permits. */
    private static final class SlowStream extends OutputStream {

        private final Semaphore lock = new Semaphore(0);
        private final List<String> flushed = new CopyOnWriteArrayList<>();
        private final StringBuilder line = new StringBuilder();

        OutputStreamAppender<ILoggingEvent> log(LoggerContext context) {
            PatternLayoutEncoder encoder = new PatternLayoutEncoder();
            encoder.setContext(context);
            encoder.setPattern("%msg%n");
            encoder.start();
            OutputStreamAppender<ILoggingEvent> log = new OutputStreamAppender<>();
            log.setContext(context);
            log.setEncoder(encoder);
            log.setOutputStream(this);
            log.start();
            return log;
        }

        @Override
        public void write(int character) {
            line.append((char) character);
        }

        @Override
        public void flush() {
            if (line.length() > 0) {
                lock.acquireUninterruptibly();
                flushed.add(line.toString());
                line.setLength(0);
            }
        }

        @Override
        public String toString() {
            return String.join("", flushed);
        }
    }
}
