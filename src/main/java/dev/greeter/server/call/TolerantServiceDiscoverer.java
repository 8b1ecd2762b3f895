package dev.greeter.server.call;

import java.util.Collection;
import net.devh.boot.grpc.server.service.AnnotationGrpcServiceDiscoverer;
import net.devh.boot.grpc.server.service.GrpcServiceDefinition;

/** Finds services like the starter, and makes them accept an {@link UndecodableRequest}. */
final class TolerantServiceDiscoverer extends AnnotationGrpcServiceDiscoverer {

    @Override
    public Collection<GrpcServiceDefinition> findGrpcServices() {
        return super.findGrpcServices().stream()
                .map(service -> new GrpcServiceDefinition(
                        service.getBeanName(),
                        service.getBeanClazz(),
                        UndecodableRequest.tolerate(service.getDefinition())))
                .toList();
    }
}
