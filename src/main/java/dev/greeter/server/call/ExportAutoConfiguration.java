package dev.greeter.server.call;

import dev.greeter.server.ChainOrder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** Declares what makes traces of calls, and what checks and ends the export of metrics and traces. */
@AutoConfiguration(after = {OpenTelemetrySdkAutoConfiguration.class, OpenTelemetryTracingAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "service.call.enabled", matchIfMissing = true)
class ExportAutoConfiguration {

    @Bean
    static ExportEndpoints exportEndpoints() {
        return new ExportEndpoints();
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.TRACING)
    @ConditionalOnProperty(ExportFilter.TRACES)
    @ConditionalOnBean(Tracer.class)
    TracingInterceptor tracing(Tracer tracer, ContextPropagators propagators) {
        return new TracingInterceptor(tracer, propagators.getTextMapPropagator());
    }

    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    @ConditionalOnBean(OpenTelemetrySdk.class)
    TraceExport traceExport(OpenTelemetrySdk telemetry) {
        return new TraceExport(telemetry);
    }
}
