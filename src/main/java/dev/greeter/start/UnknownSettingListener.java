package dev.greeter.start;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.support.SpringApplicationJsonEnvironmentPostProcessor;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Notices settings of the server, the clients and the service that nothing reads, and those of Spring Boot that should
 * protect something: one in a file or on the command line, where only the start knows it, and of variables and system
 * properties, which others set as well, those that are similar to a setting. A strict start is refused; otherwise each is
 * a warning once the server is ready.
 */
final class UnknownSettingListener implements ApplicationListener<SpringApplicationEvent> {

    private static final Logger log = LoggerFactory.getLogger(UnknownSettingListener.class);

    private static final String JSON = SpringApplicationJsonEnvironmentPostProcessor.SPRING_APPLICATION_JSON_PROPERTY;

    private static final Pattern PROPERTIES =
            Pattern.compile("(grpc\\.(server|client)|greeter\\.server|service)[.\\[].*");

    /** Of Spring Boot: tokens whose audience is misspelt, for example, are accepted for any. */
    private static final Pattern PROTECTION = Pattern.compile(
            "(?i)(spring[._]security[._]oauth2[._]resourceserver|(management[._])?server[._]ssl)[._].*");

    private static final Pattern GROUPS = Pattern.compile("(grpc|greeter|service)(\\..*)?");

    /** Also SERVER and CLIENT with a letter more or less; GRPC_ADDRESS and GRPC_TRACE are of other programs. */
    private static final Pattern VARIABLES = Pattern.compile("(GRPC_[^_]{5,7}|GREETER|SERVICE)_.*");

    /** What Kubernetes and Docker make for a service or a container of such a name. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern URL = Pattern.compile("\\w+://.*");

    private @Nullable KnownSettings ofServices;
    private @Nullable KnownSettings all;

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        if (event instanceof ApplicationPreparedEvent prepared) {
            ConfigurableEnvironment environment =
                    prepared.getApplicationContext().getEnvironment();
            if (StrictStart.isRequired(environment)) {
                String unknown = unknown(environment).collect(Collectors.joining("\n"));
                if (!unknown.isEmpty()) {
                    StrictStart.refuse(environment, unknown, "Correct the name, or remove it.");
                }
            }
        } else if (event instanceof ApplicationReadyEvent ready) {
            ConfigurableEnvironment environment = ready.getApplicationContext().getEnvironment();
            if (!StrictStart.isRequired(environment)) {
                unknown(environment).forEach(log::warn);
            }
        }
    }

    /** Returns a sentence about each. */
    private Stream<String> unknown(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(EnumerablePropertySource.class::cast)
                .flatMap(this::unknown)
                .distinct();
    }

    private Stream<String> unknown(EnumerablePropertySource<?> source) {
        if (source instanceof OriginTrackedMapPropertySource
                || source instanceof ConfigTreePropertySource
                || source instanceof CommandLinePropertySource
                || source.getName().equals(JSON)) {
            return Stream.concat(
                    groups(source)
                            .map(name -> name + " (" + origin(source, name)
                                    + ") is a group of settings, which has no value of its own."),
                    Stream.concat(properties(source), namesOfVariables(source))
                            .map(name -> "Unknown setting " + name + " (" + origin(source, name) + ")"
                                    + known(name).didYouMean(name)));
        }
        return switch (source.getName()) {
            case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME ->
                properties(source)
                        .map(name ->
                                "Unknown system property " + name + known(name).didYouMean(name));
            case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME -> variables(source);
            default -> Stream.empty();
        };
    }

    private static String origin(EnumerablePropertySource<?> source, String name) {
        return SettingOrigin.text(PropertySourceOrigin.get(source, name));
    }

    private Stream<String> groups(EnumerablePropertySource<?> source) {
        return Arrays.stream(source.getPropertyNames())
                .filter(name -> GROUPS.matcher(name).matches() && known(name).knowGroup(name));
    }

    private Stream<String> properties(EnumerablePropertySource<?> source) {
        return Arrays.stream(source.getPropertyNames())
                .filter(name -> (PROPERTIES.matcher(name).matches()
                                || PROTECTION.matcher(name).matches())
                        && !known(name).know(name)
                        && !known(name).knowGroup(name));
    }

    private Stream<String> variables(EnumerablePropertySource<?> source) {
        return Arrays.stream(source.getPropertyNames())
                .filter(name -> (VARIABLES.matcher(name).matches()
                                || PROTECTION.matcher(name).matches())
                        && !OF_A_SERVICE.matcher(name).matches()
                        && !URL.matcher(String.valueOf(source.getProperty(name)))
                                .matches()
                        && !known(name).knowVariable(name))
                .flatMap(name -> known(name).nearest(name).stream()
                        .map(near -> "Unknown environment variable " + name + "; did you mean "
                                + KnownSettings.variable(near) + "?"));
    }

    /** Only the environment has settings by these names. */
    private Stream<String> namesOfVariables(EnumerablePropertySource<?> source) {
        return Arrays.stream(source.getPropertyNames())
                .filter(name -> VARIABLES.matcher(name).matches()
                        && known(name).nearest(name).isPresent());
    }

    private KnownSettings known(String name) {
        if (PROTECTION.matcher(name).matches()) {
            all = all == null ? KnownSettings.get() : all;
            return all;
        }
        ofServices = ofServices == null ? KnownSettings.ofServices() : ofServices;
        return ofServices;
    }
}
