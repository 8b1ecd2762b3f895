package dev.greeter.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** Refuses values that libraries accept although they mean nothing, or reject only later and without the name. */
final class SettingValues {

    private static final int MAX_PORT = 65_535;

    private static final List<Rule<?>> RULES = List.of(
            port("server.port"),
            port("management.server.port"),
            port("grpc.server.port"),
            new Rule<>("grpc.server.address", String.class, SettingValues::isAddress, "It is not unix:PATH"),
            size("grpc.server.max-inbound-message-size"),
            size("grpc.server.max-inbound-metadata-size"),
            url("management.opentelemetry.tracing.export.otlp.endpoint"),
            url("management.opentelemetry.logging.export.otlp.endpoint"),
            url("management.otlp.metrics.export.url"),
            new Rule<>(
                    "management.tracing.sampling.probability",
                    Double.class,
                    share -> share >= 0 && share <= 1,
                    "It is not a number from 0 to 1"));

    private SettingValues() {}

    static void check(Environment environment) {
        Binder binder = Binder.get(environment);
        RULES.forEach(rule -> rule.check(binder));
    }

    private static Rule<?> port(String name) {
        return new Rule<>(
                name,
                Integer.class,
                port -> port >= -1 && port <= MAX_PORT,
                "It is not a port, 0 for a free one or -1 for none");
    }

    private static Rule<?> size(String name) {
        return new Rule<>(
                name, DataSize.class, size -> size.toBytes() <= Integer.MAX_VALUE, "It is larger than 2147483647B");
    }

    private static Rule<?> url(String name) {
        return new Rule<>(
                name,
                String.class,
                SettingValues::isUrl,
                "It is not a URL that begins with http:// or https://, such as http://localhost:4318");
    }

    private static boolean isUrl(String text) {
        return isUri(
                text, url -> url.getScheme() != null && url.getScheme().matches("https?") && url.getHost() != null);
    }

    /** Clients of the same process use the address of a Unix domain socket as a URI. */
    private static boolean isAddress(String text) {
        return !text.startsWith("unix:") || isUri(text, address -> true);
    }

    private static boolean isUri(String text, Predicate<URI> isValid) {
        try {
            return isValid.test(new URI(text));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** @param problem with a value that is not valid; Spring Boot reports the rest */
    private record Rule<T>(String name, Class<T> type, Predicate<T> isValid, String problem) {

        void check(Binder binder) {
            binder.bind(ConfigurationPropertyName.of(name), Bindable.of(type), new AbstractBindHandler() {
                @Override
                public @Nullable Object onSuccess(
                        ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
                    if (!isValid.test(type.cast(result))) {
                        throw new IllegalArgumentException(problem);
                    }
                    return result;
                }
            });
        }
    }
}
