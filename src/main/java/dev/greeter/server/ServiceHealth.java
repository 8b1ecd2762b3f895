package dev.greeter.server;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;

/**
 * Reports the server and every service as SERVING from its start to its stop; the starter does so for the server alone
 * and without an end.
 */
final class ServiceHealth {

    private final HealthStatusManager health;

    ServiceHealth(HealthStatusManager health) {
        this.health = health;
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        set(event.getServer(), ServingStatus.SERVING);
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

    void stopping(Server server) {
        set(server, ServingStatus.NOT_SERVING);
    }

    private void set(Server server, ServingStatus status) {
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
        for (ServerServiceDefinition service : server.getServices()) {
            health.setStatus(service.getServiceDescriptor().getName(), status);
        }
    }
}
