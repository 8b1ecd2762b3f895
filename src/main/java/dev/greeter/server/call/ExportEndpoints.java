package dev.greeter.server.call;

import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/** Refuses settings of OpenTelemetry that its exporters reject only later, at each attempt, or without their names. */
final class ExportEndpoints implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final Set<ConfigurationPropertyName> ENDPOINTS = Set.of(
            ConfigurationPropertyName.of(ExportFilter.TRACES),
            ConfigurationPropertyName.of(ExportFilter.METRICS),
            ConfigurationPropertyName.of("management.opentelemetry.logging.export.otlp.endpoint"));

    private static final ConfigurationPropertyName PROBABILITY =
            ConfigurationPropertyName.of("management.tracing.sampling.probability");

    @Override
    public BindHandler apply(BindHandler handler) {
        return new AbstractBindHandler(handler) {

            @Override
            public @Nullable Object onSuccess(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
                if (ENDPOINTS.contains(name) && !isUrl(result.toString())) {
                    throw new IllegalArgumentException(
                            "It is not a URL that begins with http:// or https://, such as http://localhost:4318");
                }
                if (PROBABILITY.equals(name)
                        && !(result instanceof Number share && share.doubleValue() >= 0 && share.doubleValue() <= 1)) {
                    throw new IllegalArgumentException("It is not a number from 0 to 1");
                }
                return super.onSuccess(name, target, context, result);
            }
        };
    }

    private static boolean isUrl(String text) {
        try {
            URI url = URI.create(text);
            return ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
