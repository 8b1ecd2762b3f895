package dev.greeter.server.call;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** Declares what checks and ends the export of metrics and traces, of a server and of a client. */
@AutoConfiguration(after = OpenTelemetrySdkAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "service.call.enabled", matchIfMissing = true)
class ExportAutoConfiguration {

    @Bean
    static ExportEndpoints exportEndpoints() {
        return new ExportEndpoints();
    }

    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    @ConditionalOnBean(OpenTelemetrySdk.class)
    TraceExport traceExport(OpenTelemetrySdk telemetry) {
        return new TraceExport(telemetry);
    }
}
