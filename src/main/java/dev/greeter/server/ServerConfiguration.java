package dev.greeter.server;

import io.grpc.BindableService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Declares what every call passes, with its order: the whole chain on one screen. */
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {

    // Errors are at 0: the starter's @GrpcAdvice handling.

    @GrpcGlobalServerInterceptor
    @Order(-50)
    ClosedCallInterceptor closedCallInterceptor() {
        return new ClosedCallInterceptor();
    }

    /** Runs calls on the event loop; RATIONALE.md says why and what may run there. */
    @Bean
    GrpcServerConfigurer threads() {
        return builder -> builder.directExecutor();
    }

    @Bean
    ServiceHealth serviceHealth(HealthStatusManager health) {
        return new ServiceHealth(health);
    }

    /** The starter registers v1alpha alone. */
    @Bean
    @GrpcService
    @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", matchIfMissing = true)
    BindableService reflection() {
        return ProtoReflectionServiceV1.newInstance();
    }
}
