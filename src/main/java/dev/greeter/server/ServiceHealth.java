package dev.greeter.server;

import dev.greeter.health.ServiceAvailability;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.HashSet;
import java.util.Set;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;

/**
 * Reports the server and every service as SERVING from its start to its stop, but for services of which their feature
 * says that they are unavailable; the starter does so for the server alone and without an end.
 */
final class ServiceHealth {

    private final HealthStatusManager health;
    private final Set<String> unavailable = new HashSet<>();
    private boolean serving;

    ServiceHealth(HealthStatusManager health) {
        this.health = health;
    }

    @EventListener
    synchronized void started(GrpcServerStartedEvent event) {
        serving = true;
        set(event.getServer(), ServingStatus.SERVING);
        unavailable.forEach(service -> health.setStatus(service, ServingStatus.NOT_SERVING));
    }

    @EventListener
    synchronized void changed(ServiceAvailability change) {
        if (change.available()) {
            unavailable.remove(change.service());
        } else {
            unavailable.add(change.service());
        }
        if (serving) {
            health.setStatus(change.service(), change.available() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        }
    }

    /** What balancers ask over HTTP and over gRPC has one answer. */
    @EventListener
    void ready(AvailabilityChangeEvent<ReadinessState> event) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                event.getState() == ReadinessState.ACCEPTING_TRAFFIC
                        ? ServingStatus.SERVING
                        : ServingStatus.NOT_SERVING);
    }

    synchronized void stopping(Server server) {
        serving = false;
        set(server, ServingStatus.NOT_SERVING);
    }

    private void set(Server server, ServingStatus status) {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        for (ServerServiceDefinition service : server.getServices()) {
            health.setStatus(service.getServiceDescriptor().getName(), status);
        }
    }
}
