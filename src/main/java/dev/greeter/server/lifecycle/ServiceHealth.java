package dev.greeter.server.lifecycle;

import dev.greeter.service.ServiceAvailability;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;

/**
 * Reports whether the server and each service are SERVING: from the start of the server to its stop, except for
 * services that their feature reports as unavailable. The starter reports only the server, even while it stops.
 */
final class ServiceHealth {

    private final HealthStatusManager health;
    private final Set<String> unavailable = new HashSet<>();
    private List<String> services = List.of();
    private boolean serving;
    private boolean ready = true;

    ServiceHealth(HealthStatusManager health) {
        this.health = health;
    }

    @EventListener
    synchronized void started(GrpcServerStartedEvent event) {
        services = names(event.getServer());
        serving = true;
        report();
    }

    @EventListener
    synchronized void changed(ServiceAvailability change) {
        if (change.available()) {
            unavailable.remove(change.service());
        } else {
            unavailable.add(change.service());
        }
        report();
    }

    /** Load balancers get the same answer over HTTP and over gRPC. */
    @EventListener
    synchronized void ready(AvailabilityChangeEvent<ReadinessState> event) {
        ready = event.getState() == ReadinessState.ACCEPTING_TRAFFIC;
        report();
    }

    synchronized void stopping() {
        serving = false;
        report();
    }

    synchronized List<String> services() {
        return services;
    }

    synchronized boolean serves(String service) {
        return serving && !unavailable.contains(service);
    }

    private void report() {
        report(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, serving && ready);
        services.forEach(service -> report(service, serves(service)));
    }

    private void report(String service, boolean serves) {
        health.setStatus(service, serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    private static List<String> names(Server server) {
        return server.getServices().stream()
                .map(service -> service.getServiceDescriptor().getName())
                .sorted()
                .toList();
    }
}
