package dev.greeter.server.lifecycle;

import dev.greeter.server.ChainOrder;
import dev.greeter.start.LogQueues;
import dev.greeter.start.TerminationSignal;
import io.grpc.BindableService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import net.devh.boot.grpc.server.autoconfigure.GrpcHealthServiceAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** Declares the health of the server and its services, and draining. */
@AutoConfiguration(before = GrpcServerAutoConfiguration.class, after = GrpcHealthServiceAutoConfiguration.class)
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.drain.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(DrainSettings.class)
class LifecycleAutoConfiguration {

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.ENDLESS_CALLS)
    EndlessCallInterceptor endlessCallInterceptor(ApplicationContext services) {
        return new EndlessCallInterceptor(
                EndlessStreams.of(services.getBeansWithAnnotation(GrpcService.class).values().stream()
                        .map(BindableService.class::cast)
                        .toList()));
    }

    /** Without a health service of the starter, for the health over HTTP. */
    @Bean
    @ConditionalOnMissingBean
    HealthStatusManager healthStatusManager() {
        return new HealthStatusManager();
    }

    @Bean
    ServiceHealth serviceHealth(HealthStatusManager health) {
        return new ServiceHealth(health);
    }

    @Bean
    ServicesHealthContributor servicesHealthContributor(ServiceHealth health) {
        return new ServicesHealthContributor(health);
    }

    @Bean
    Drain drain(
            ServiceHealth health,
            EndlessCallInterceptor endlessCalls,
            DrainSettings settings,
            ApplicationEventPublisher events) {
        return new Drain(health, endlessCalls, settings.delay(), events);
    }

    @Bean
    MeterBinder droppedLogEvents() {
        return registry -> FunctionCounter.builder(
                        "logback.events.dropped", LogQueues.class, logs -> LogQueues.dropped())
                .description("Events that were left out of the logs, as they could not be written")
                .register(registry);
    }

    /** The last step before the port opens. */
    @Bean
    @Order
    GrpcServerConfigurer unlessTheStartWasEnded() {
        return server -> TerminationSignal.requireNone();
    }
}
