package dev.greeter.start;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.status.StatusManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.annotation.Order;
import org.springframework.util.ClassUtils;

/** Puts a {@link LogQueue} before everything that Spring Boot, or a file of Logback's, has set up as a log. */
@Order(LoggingApplicationListener.DEFAULT_ORDER + 1)
public final class LogQueues implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

    /** A test reads what it has logged at once, and all tests of a process share its logs. */
    private static final boolean TESTS =
            ClassUtils.isPresent("org.junit.jupiter.api.Test", LogQueues.class.getClassLoader());

    /** Returns how many events have been left out, in all logs together. */
    public static long dropped() {
        return loggers()
                .flatMap(LogQueues::appenders)
                .filter(LogQueue.class::isInstance)
                .distinct()
                .mapToLong(queue -> ((LogQueue) queue).dropped())
                .sum();
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        if (!TESTS) {
            Map<Appender<ILoggingEvent>, LogQueue> queues = new HashMap<>();
            loggers()
                    .forEach(logger -> appenders(logger).toList().stream()
                            .filter(log -> !(log instanceof LogQueue))
                            .forEach(log -> {
                                logger.addAppender(queues.computeIfAbsent(log, LogQueues::queue));
                                logger.detachAppender(log);
                            }));
            if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
                queueStatuses(context);
            }
        }
    }

    /** Puts a {@link StatusQueue} before every listener to what Logback says about itself. */
    static void queueStatuses(LoggerContext context) {
        StatusManager statuses = context.getStatusManager();
        statuses.getCopyOfStatusListenerList().stream()
                .filter(listener -> !(listener instanceof StatusQueue))
                .forEach(listener -> {
                    statuses.remove(listener);
                    statuses.add(new StatusQueue(listener));
                });
    }

    private static LogQueue queue(Appender<ILoggingEvent> log) {
        LogQueue queue = new LogQueue(log);
        queue.setContext(log.getContext());
        queue.start();
        return queue;
    }

    private static Stream<Logger> loggers() {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                ? context.getLoggerList().stream()
                : Stream.of();
    }

    private static Stream<Appender<ILoggingEvent>> appenders(Logger logger) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(logger.iteratorForAppenders(), Spliterator.NONNULL), false);
    }
}
