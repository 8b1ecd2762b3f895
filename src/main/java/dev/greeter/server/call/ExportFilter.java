package dev.greeter.server.call;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Excludes the parts of OpenTelemetry that have nowhere to send to: they would start threads and use memory. Exporters
 * other than that of OTLP need no endpoint here, but {@code management.tracing.export.enabled=true}.
 */
final class ExportFilter implements AutoConfigurationImportFilter, EnvironmentAware {

    static final String TRACES = "management.opentelemetry.tracing.export.otlp.endpoint";
    static final String METRICS = "management.otlp.metrics.export.url";
    static final String TRACING = "management.tracing.export.enabled";

    private boolean traces;
    private boolean metrics;

    @Override
    public void setEnvironment(Environment environment) {
        traces = environment.getProperty(TRACING, Boolean.class, environment.containsProperty(TRACES));
        metrics = environment.containsProperty(METRICS);
    }

    @Override
    public boolean[] match(@Nullable String[] candidates, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[candidates.length];
        for (int i = 0; i < candidates.length; i++) {
            String candidate = candidates[i];
            matches[i] = candidate == null || matches(candidate);
        }
        return matches;
    }

    boolean matches(String candidate) {
        if (candidate.startsWith("org.springframework.boot.micrometer.metrics.autoconfigure.export.otlp.")) {
            return metrics;
        }
        return traces
                || !(candidate.startsWith("org.springframework.boot.micrometer.tracing.")
                        || candidate.startsWith("org.springframework.boot.opentelemetry.")
                        || candidate.startsWith("net.ttddyy.observation."));
    }
}
