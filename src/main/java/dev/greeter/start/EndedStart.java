package dev.greeter.start;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Ends a start at its next step after a {@link TerminationSignal}, without reporting a failure. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class EndedStart implements ApplicationListener<SpringApplicationEvent> {

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        if (event instanceof ApplicationStartingEvent) {
            TerminationSignal.exitsNormally();
        } else if (event instanceof ApplicationPreparedEvent prepared) {
            addSteps(prepared.getApplicationContext());
        } else if (event instanceof ApplicationStartedEvent || event instanceof ApplicationFailedEvent) {
            TerminationSignal.startIsOver();
        }
    }

    private static void addSteps(ConfigurableApplicationContext context) {
        context.getBeanFactory().addBeanPostProcessor(new BeforeEachBean());
        context.getBeanFactory().registerSingleton("beforeThePortsOpen", new BeforeThePortsOpen());
    }

    private static final class BeforeEachBean implements BeanPostProcessor {

        @Override
        public Object postProcessBeforeInitialization(Object bean, String name) {
            TerminationSignal.requireNone();
            return bean;
        }
    }

    private static final class BeforeThePortsOpen implements SmartLifecycle {

        @Override
        public void start() {
            TerminationSignal.requireNone();
        }

        @Override
        public void stop() {
            // Nothing was started.
        }

        @Override
        public boolean isRunning() {
            return false;
        }

        @Override
        public int getPhase() {
            return Integer.MIN_VALUE;
        }
    }

    /** Found by Spring Boot, which would otherwise report a failed start. */
    @Order(Ordered.HIGHEST_PRECEDENCE)
    static final class Reporter implements SpringBootExceptionReporter {

        private static final Logger log = LoggerFactory.getLogger(EndedStart.class);

        Reporter(ConfigurableApplicationContext context) {}

        @Override
        public boolean reportException(Throwable failure) {
            if (TerminationSignal.isReceived()) {
                log.info("SIGTERM ended the start");
            }
            return TerminationSignal.isReceived();
        }
    }
}
