package dev.greeter.start;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes to a log on a separate thread, and drops events that do not fit into its queue: a pipe or a disk that accepts
 * no more delays neither the threads that log nor the stop. Logback's own asynchronous appender does not count the
 * dropped events.
 */
final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {

    /** A line takes about 1 KB of memory, one with a stack trace ten times as much. */
    private static final int CAPACITY = 4096;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** How long lines gather: waking the writer and flushing cost more than a line does. */
    private static final long TO_GATHER = TimeUnit.MILLISECONDS.toNanos(5);

    /** How long a stop waits for all lines. */
    private static final long TO_STOP = 10 * SECOND;

    /** How long a stop waits for the next line: a reader on a busy machine may pause. */
    private static final long TO_MOVE = 5 * SECOND;

    private static final long MILLIS_BETWEEN_CHECKS = 100;

    /** Wakes the writer at the stop. */
    private static final ILoggingEvent END = new LoggingEvent();

    private final Appender<ILoggingEvent> log;
    private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final LongAdder dropped = new LongAdder();
    private final Thread writer;
    private final AtomicLong written = new AtomicLong();
    private long told;
    private long toldAt = System.nanoTime();

    LogQueue(Appender<ILoggingEvent> log) {
        this.log = log;
        this.writer = new Thread(this::write, "log-writer-" + log.getName());
        writer.setDaemon(true);
        setName(log.getName());
    }

    /** Returns the number of dropped events. */
    long dropped() {
        return dropped.sum();
    }

    @Override
    public void start() {
        if (log instanceof OutputStreamAppender<ILoggingEvent> stream) {
            // The writer flushes what it has written when the queue is empty, and not each line.
            stream.setImmediateFlush(false);
        }
        Colours.removeFrom(log);
        super.start();
        writer.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        if (!queue.offer(event)) {
            dropped.increment();
        }
    }

    /** Waits for the queue as long as it is being written, but at most five seconds for a line and ten for all. */
    @Override
    public void stop() {
        super.stop();
        if (!queue.offer(END)) {
            addInfo("The writer is busy, and ends when it is not");
        }
        long begin = System.nanoTime();
        long movedAt = begin;
        long lines = written.get();
        try {
            while (writer.isAlive() && System.nanoTime() - begin < TO_STOP && System.nanoTime() - movedAt < TO_MOVE) {
                writer.join(MILLIS_BETWEEN_CHECKS);
                if (written.get() != lines) {
                    lines = written.get();
                    movedAt = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            while (isStarted()) {
                write(queue.take());
            }
            for (ILoggingEvent event = queue.poll(); event != null; event = queue.poll()) {
                write(event);
            }
            tell();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            flush();
            log.stop();
        }
    }

    private void write(ILoggingEvent event) {
        if (event == END) {
            return;
        }
        output(event);
        // Where lines are missing, but not after each line as long as there are too many.
        if (queue.isEmpty() || System.nanoTime() - toldAt > SECOND) {
            tell();
        }
        if (queue.isEmpty()) {
            flush();
            LockSupport.parkNanos(TO_GATHER);
        }
    }

    private void flush() {
        if (log instanceof OutputStreamAppender<ILoggingEvent> stream && stream.isStarted()) {
            try {
                stream.getOutputStream().flush();
            } catch (IOException e) {
                addError("The log cannot be written", e);
            }
        }
    }

    private void tell() {
        long sum = dropped.sum();
        if (sum != told) {
            output(missing(sum - told));
            told = sum;
            toldAt = System.nanoTime();
        }
    }

    private void output(ILoggingEvent event) {
        try {
            log.doAppend(event);
            written.incrementAndGet();
        } catch (RuntimeException | Error e) {
            addError("The log cannot be written", e);
        }
    }

    private ILoggingEvent missing(long lines) {
        LoggerContext loggers = (LoggerContext) getContext();
        return new LoggingEvent(
                LogQueue.class.getName(),
                loggers.getLogger(LogQueue.class),
                Level.WARN,
                "{} lines are missing here: they could not be written as fast as they came",
                null,
                new Object[] {lines});
    }
}
