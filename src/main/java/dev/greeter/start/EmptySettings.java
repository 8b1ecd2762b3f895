package dev.greeter.start;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Removes empty values, which Compose creates by {@code ${X:-}}, before the settings are used to find files: those of
 * libraries, and of the application under its own name. Whatever else an application reads may be empty.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class EmptySettings implements EnvironmentPostProcessor {

    /** The arguments that are not options: a property that its source does not list. */
    private static final String NAMES = CommandLinePropertySource.DEFAULT_NON_OPTION_ARGS_PROPERTY_NAME;

    /** Settings for which an empty value in a file is meant: it clears a default. */
    private static final Pattern EMPTY_IN_FILES = Pattern.compile(".*\\.(include|exclude)|logging\\.pattern\\..*");

    private static final Pattern OF_LIBRARIES =
            Pattern.compile("debug|trace|(grpc|jdbc|logging|management|otel|server|service|spring)[._].*");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        removeFrom(environment, UnaryOperator.identity());
    }

    /** @param resolver replaces the placeholders of a value */
    static void removeFrom(ConfigurableEnvironment environment, UnaryOperator<String> resolver) {
        MutablePropertySources sources = environment.getPropertySources();
        String application = uniform(environment.getProperty("spring.application.name", ""));
        for (PropertySource<?> source : sources) {
            if (source instanceof EnumerablePropertySource<?> named) {
                Map<String, Object> values = new LinkedHashMap<>();
                for (String name : named.getPropertyNames()) {
                    Object value = value(named, name);
                    if (!isEmpty(value, resolver) || isNone(named, name, value) || !isSetting(name, application)) {
                        values.put(name, value);
                    }
                }
                if (values.size() < named.getPropertyNames().length) {
                    Object names = named.getProperty(NAMES);
                    if (names != null) {
                        values.put(NAMES, names);
                    }
                    sources.replace(source.getName(), of(named, values));
                }
            }
        }
    }

    private static boolean isSetting(String name, String application) {
        String uniform = uniform(name);
        return OF_LIBRARIES.matcher(uniform).matches()
                || (!application.isEmpty() && uniform.matches(Pattern.quote(application) + "[._].*"));
    }

    private static String uniform(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "");
    }

    private static @Nullable Object value(EnumerablePropertySource<?> source, String name) {
        if (source instanceof CommandLinePropertySource<?> && CommandLine.SWITCHES.contains(name)) {
            return "".equals(source.getProperty(name)) ? "true" : source.getProperty(name);
        }
        return source instanceof MapPropertySource map ? map.getSource().get(name) : source.getProperty(name);
    }

    private static boolean isEmpty(@Nullable Object value, UnaryOperator<String> resolver) {
        Object text = value instanceof OriginTrackedValue tracked ? tracked.getValue() : value;
        return text instanceof CharSequence && resolver.apply(text.toString()).isEmpty();
    }

    /** Returns whether a file clears a list or a pattern of Spring Boot. */
    private static boolean isNone(EnumerablePropertySource<?> source, String name, @Nullable Object value) {
        return source instanceof OriginTrackedMapPropertySource
                && String.valueOf(value).isEmpty()
                && EMPTY_IN_FILES.matcher(name).matches();
    }

    private static PropertySource<?> of(EnumerablePropertySource<?> source, Map<String, Object> values) {
        if (source instanceof SystemEnvironmentPropertySource) {
            return new SystemEnvironmentPropertySource(source.getName(), values);
        }
        return source instanceof OriginTrackedMapPropertySource
                ? new OriginTrackedMapPropertySource(source.getName(), values, true)
                : new MapPropertySource(source.getName(), values);
    }
}
