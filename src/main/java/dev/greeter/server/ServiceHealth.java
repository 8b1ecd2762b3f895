package dev.greeter.server;

import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.springframework.context.event.EventListener;

/** Reports every registered service as SERVING once the server has started; the starter does so for "" alone. */
final class ServiceHealth {

    private final HealthStatusManager health;

    ServiceHealth(HealthStatusManager health) {
        this.health = health;
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        for (ServerServiceDefinition service : event.getServer().getServices()) {
            health.setStatus(service.getServiceDescriptor().getName(), ServingStatus.SERVING);
        }
    }
}
