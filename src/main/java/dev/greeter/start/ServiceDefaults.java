package dev.greeter.start;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;

/**
 * Adds the defaults of every service on this library to the default properties of the application, which take precedence
 * over them, as everything else does that somebody sets.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
final class ServiceDefaults implements EnvironmentPostProcessor {

    /** Spring Boot keeps the source of this name the last, whatever an application adds. */
    static final String SOURCE = DefaultPropertiesPropertySource.NAME;

    private static final String FILE = "defaults.yml";

    /** The starter refuses these for a transport without sockets. */
    private static final List<String> OF_SOCKETS = List.of(
            "grpc.server.enable-keep-alive",
            "grpc.server.max-connection-idle",
            "grpc.server.max-connection-age",
            "grpc.server.max-connection-age-grace");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        MutablePropertySources sources = environment.getPropertySources();
        Map<String, Object> defaults = new HashMap<>(read());
        if (isOnlyInProcess(environment)) {
            OF_SOCKETS.forEach(defaults::remove);
        }
        if (sources.get(SOURCE) instanceof MapPropertySource own) {
            defaults.putAll(own.getSource());
        }
        sources.remove(SOURCE);
        sources.addLast(new OriginTrackedMapPropertySource(SOURCE, defaults, true));
    }

    private static boolean isOnlyInProcess(ConfigurableEnvironment environment) {
        return StringUtils.hasText(environment.getProperty("grpc.server.in-process-name"))
                && "-1".equals(environment.getProperty("grpc.server.port"));
    }

    private static Map<String, Object> read() {
        try {
            List<PropertySource<?>> documents =
                    new YamlPropertySourceLoader().load(SOURCE, new ClassPathResource(FILE, ServiceDefaults.class));
            return ((OriginTrackedMapPropertySource) documents.get(0)).getSource();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
