package dev.greeter.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.observation.ObservationRegistry;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** Binds the settings of the demo client and declares what every call of a client passes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ClientSettings.class)
class ClientConfiguration {

    @GrpcGlobalClientInterceptor
    @Order(-100)
    MetricCollectingClientInterceptor clientMetrics(MeterRegistry registry) {
        return new MetricCollectingClientInterceptor(registry);
    }

    @GrpcGlobalClientInterceptor
    @Order(-99)
    @ConditionalOnProperty("management.opentelemetry.tracing.export.otlp.endpoint")
    ObservationGrpcClientInterceptor clientTracing(ObservationRegistry observations) {
        return new ObservationGrpcClientInterceptor(observations);
    }
}
