package dev.greeter.server.call;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Declares what checks and ends the export of metrics and traces, of a server and of a client. */
@Configuration(proxyBeanMethods = false)
class ExportConfiguration {

    @Bean
    static ExportEndpoints exportEndpoints() {
        return new ExportEndpoints();
    }

    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    TraceExport traceExport(OpenTelemetrySdk telemetry) {
        return new TraceExport(telemetry);
    }
}
