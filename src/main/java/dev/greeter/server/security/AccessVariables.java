package dev.greeter.server.security;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Reads variables such as SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO, in which methods have neither case nor slash. */
final class AccessVariables {

    private static final ConfigurationPropertyName ACCESS = ConfigurationPropertyName.of("service.access");

    private AccessVariables() {}

    /**
     * Returns the table with the rules of variables, each unless a source before it names its method. That of a method
     * which is not served is there by the name of the variable.
     */
    static Map<String, AuthorizationRule> added(
            Map<String, AuthorizationRule> access, List<String> served, Environment environment) {
        Map<String, AuthorizationRule> rules = new HashMap<>(access);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource
                    && source instanceof IterableConfigurationPropertySource variables) {
                variables.stream().filter(ACCESS::isAncestorOf).forEach(variable -> {
                    AuthorizationRule rule = Binder.get(environment)
                            .bind(variable, Bindable.of(AuthorizationRule.class))
                            .get();
                    List<String> methods = served.stream()
                            .filter(method -> variable(method).equals(variable))
                            .toList();
                    methods.stream()
                            .filter(method -> !isNamedBefore(source, method, environment))
                            .forEach(method -> rules.put(method, rule));
                    if (methods.isEmpty()) {
                        rules.put(variable.subName(ACCESS.getNumberOfElements()).toString(), rule);
                    }
                });
            }
        }
        return rules;
    }

    private static ConfigurationPropertyName variable(String method) {
        return ACCESS.append(method.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "."));
    }

    private static boolean isNamedBefore(
            ConfigurationPropertySource variables, String method, Environment environment) {
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source.equals(variables)) {
                return false;
            }
            if (source.getConfigurationProperty(ACCESS.append("[" + method + "]")) != null) {
                return true;
            }
        }
        return false;
    }
}
