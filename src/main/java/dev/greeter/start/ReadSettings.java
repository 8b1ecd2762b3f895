package dev.greeter.start;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Gives settings that conditions read as text the meaning that binding gives them: no value, yes, off. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class ReadSettings implements EnvironmentPostProcessor {

    /** The name of the source of what is read here. */
    static final String SOURCE = "booleans";

    /** Booleans that Spring Boot compares with the text "false" and whose names do not end as those of switches do. */
    private static final List<String> COMPARED = List.of("debug", "trace");

    private static final String SWITCH = "enabled";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        EmptySettings.removeFrom(environment, value -> resolve(value, environment));
        Map<String, Object> booleans = new HashMap<>();
        Set<ConfigurationPropertyName> names = switches(environment);
        COMPARED.forEach(name -> names.add(ConfigurationPropertyName.of(name)));
        for (ConfigurationPropertyName name : names) {
            Boolean value = read(name, environment);
            if (value != null) {
                booleans.put(name.toString(), value.toString());
            }
        }
        if (!booleans.isEmpty()) {
            environment.getPropertySources().addFirst(new Booleans(booleans, environment));
        }
    }

    /** Returns the names of all switches that are set: conditions compare each with the text "true" or "false". */
    private static Set<ConfigurationPropertyName> switches(ConfigurableEnvironment environment) {
        Set<ConfigurationPropertyName> switches = new LinkedHashSet<>();
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source instanceof IterableConfigurationPropertySource named) {
                named.stream()
                        .filter(name -> !name.isEmpty()
                                && !name.isLastElementIndexed()
                                && name.getLastElement(ConfigurationPropertyName.Form.UNIFORM)
                                        .endsWith(SWITCH))
                        .forEach(switches::add);
            }
        }
        return switches;
    }

    private static @Nullable Boolean read(ConfigurationPropertyName name, ConfigurableEnvironment environment) {
        try {
            return environment.getProperty(name.toString(), Boolean.class);
        } catch (ConversionException | IllegalArgumentException notBoolean) {
            if (!COMPARED.contains(name.toString()) && KnownSettings.get().isBoolean(name.toString())) {
                // If a condition alone reads it, it would count as false.
                String problem = name + " is \"" + environment.getProperty(name.toString())
                        + "\", which is neither true nor false.";
                throw new SettingException(
                        problem + SettingOrigin.ofNamed(problem, environment), "Write true or false.", notBoolean);
            }
            // Others set a variable DEBUG, too, and what is not known may be no switch.
            return null;
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

    /** Values that are written elsewhere, and in another way. */
    private static final class Booleans extends MapPropertySource implements OriginLookup<String> {

        private final ConfigurableEnvironment environment;

        Booleans(Map<String, Object> values, ConfigurableEnvironment environment) {
            super(SOURCE, values);
            this.environment = environment;
        }

        @Override
        public @Nullable Origin getOrigin(String name) {
            for (ConfigurationPropertySource written : ConfigurationPropertySources.get(environment)) {
                ConfigurationProperty property = this.equals(written.getUnderlyingSource())
                        ? null
                        : written.getConfigurationProperty(ConfigurationPropertyName.of(name));
                if (property != null) {
                    return property.getOrigin();
                }
            }
            return null;
        }
    }
}
