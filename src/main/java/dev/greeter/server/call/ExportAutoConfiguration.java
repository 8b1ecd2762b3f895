package dev.greeter.server.call;

import dev.greeter.server.ChainOrder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.util.regex.Pattern;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/** Declares what makes traces of calls, and what ends the export of metrics and traces and reports its failures. */
@AutoConfiguration(after = {OpenTelemetrySdkAutoConfiguration.class, OpenTelemetryTracingAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "service.call.enabled", matchIfMissing = true)
class ExportAutoConfiguration {

    /** Observations of calls only create spans: CallTracer counts and times them. */
    @Bean
    @ConditionalOnBean(Tracer.class)
    MeterFilter metersOnce() {
        Pattern observed = Pattern.compile("grpc\\.(server|client)(\\.(active|sent|received|cancelled))?");
        return MeterFilter.deny(meter -> observed.matcher(meter.getName()).matches());
    }

    /** Observes the queries of sampled calls, but not those of the server itself. */
    @Bean
    @ConditionalOnBean(Tracer.class)
    ObservationRegistryCustomizer<ObservationRegistry> queriesOfCalls() {
        return observations -> observations
                .observationConfig()
                .observationPredicate((name, query) ->
                        !name.startsWith("jdbc.") || Span.current().isRecording());
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.TRACING)
    @ConditionalOnBean(Tracer.class)
    TracingInterceptor tracing(Tracer tracer, ContextPropagators propagators) {
        return new TracingInterceptor(tracer, propagators.getTextMapPropagator());
    }

    @Bean
    static BeanPostProcessor shortFailures() {
        FailedExports.shorten();
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof OtlpMetricsSender sender ? FailedExports.shortened(sender) : bean;
            }
        };
    }

    @Bean
    @ConditionalOnBean(OpenTelemetrySdk.class)
    TraceExport traceExport(OpenTelemetrySdk telemetry) {
        return new TraceExport(telemetry);
    }
}
