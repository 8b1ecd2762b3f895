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

/** Refuses endpoints of OpenTelemetry that are not URLs: exporters would only fail later, or at each attempt. */
final class ExportEndpoints implements ConfigurationPropertiesBindHandlerAdvisor {

    private static final Set<ConfigurationPropertyName> ENDPOINTS = Set.of(
            ConfigurationPropertyName.of(ExportFilter.TRACES),
            ConfigurationPropertyName.of(ExportFilter.METRICS),
            ConfigurationPropertyName.of("management.opentelemetry.logging.export.otlp.endpoint"));

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
