package dev.greeter.start;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Gives settings that conditions read as text the meaning that binding gives them: no value, yes, off. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class ReadSettings implements EnvironmentPostProcessor {

    /** Booleans that Spring Boot and the starters compare with the text "false". */
    private static final List<String> COMPARED = List.of(
            "debug",
            "trace",
            "grpc.server.health-service-enabled",
            "grpc.server.reflection-service-enabled",
            "management.tracing.grpc.enabled");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        EmptySettings.removeFrom(environment, value -> resolve(value, environment));
        Map<String, Object> booleans = new HashMap<>();
        for (String name : COMPARED) {
            try {
                Boolean value = environment.getProperty(name, Boolean.class);
                if (value != null) {
                    booleans.put(name, value.toString());
                }
            } catch (ConversionException | IllegalArgumentException notBoolean) {
                // Its reader reports it.
            }
        }
        if (!booleans.isEmpty()) {
            environment.getPropertySources().addFirst(new MapPropertySource("booleans", booleans));
        }
    }

    private static String resolve(String value, ConfigurableEnvironment environment) {
        if (!value.contains("${")) {
            return value;
        }
        try {
            return environment.resolvePlaceholders(value);
        } catch (IllegalArgumentException circular) {
            return value;
        }
    }
}
