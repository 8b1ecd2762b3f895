package dev.greeter.server.lifecycle;

import java.time.Duration;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Reports NOT_SERVING before the server stops, so that callers can move to another server. */
final class Drain {

    private final ServiceHealth health;
    private final EndlessCallInterceptor endlessCalls;
    private final Duration delay;
    private final ApplicationEventPublisher events;
    private boolean stopped;

    /** @param delay time for load balancers to notice */
    Drain(ServiceHealth health, EndlessCallInterceptor endlessCalls, Duration delay, ApplicationEventPublisher events) {
        this.health = health;
        this.endlessCalls = endlessCalls;
        this.delay = delay;
        this.events = events;
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        endlessCalls.admit();
        if (stopped) {
            stopped = false;
            AvailabilityChangeEvent.publish(events, this, ReadinessState.ACCEPTING_TRAFFIC);
        }
    }

    /** Runs before the server closes its ports and sends GOAWAY, which wait for this method to return. */
    @EventListener
    @Order(Ordered.HIGHEST_PRECEDENCE)
    void stopping(GrpcServerShutdownEvent event) throws InterruptedException {
        stopped = true;
        health.stopping();
        AvailabilityChangeEvent.publish(events, this, ReadinessState.REFUSING_TRAFFIC);
        endlessCalls.end();
        Thread.sleep(delay.toMillis());
        // those that came meanwhile and have had no request to answer
        endlessCalls.end();
    }
}
