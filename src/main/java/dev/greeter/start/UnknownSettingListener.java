package dev.greeter.start;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.PropertySources;
import org.springframework.core.env.StandardEnvironment;

/**
 * Notices settings that nothing reads where binding does not. One in a file stops the start. Of variables and system
 * properties, which others set as well, it warns once the server is ready: reading the metadata takes 35 ms.
 */
final class UnknownSettingListener implements ApplicationListener<SpringApplicationEvent> {

    private static final Logger log = LoggerFactory.getLogger(UnknownSettingListener.class);

    /** The starters take any name in a file. */
    private static final Pattern IN_FILES = Pattern.compile("grpc\\.(server|client)\\..*");

    private static final Pattern PROPERTIES = Pattern.compile("(grpc\\.(server|client)|greeter|service)\\..*");
    private static final Pattern VARIABLES = Pattern.compile("(GRPC_(SERVER|CLIENT)|GREETER|SERVICE)_.*");

    /** What Kubernetes and Docker make for a service or a container of such a name. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern URL = Pattern.compile("\\w+://.*");

    private @Nullable KnownSettings known;

    @Override
    public void onApplicationEvent(SpringApplicationEvent event) {
        if (event instanceof ApplicationPreparedEvent prepared) {
            checkFiles(prepared.getApplicationContext().getEnvironment().getPropertySources());
        } else if (event instanceof ApplicationReadyEvent ready) {
            MutablePropertySources sources =
                    ready.getApplicationContext().getEnvironment().getPropertySources();
            warnOfProperties(sources.get(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME));
            warnOfVariables(sources.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME));
        }
    }

    private void checkFiles(PropertySources sources) {
        for (PropertySource<?> source : sources) {
            if (source instanceof OriginTrackedMapPropertySource file
                    && !file.getName().contains("class path resource")) {
                unknown(file, IN_FILES).findFirst().ifPresent(name -> {
                    throw new SettingException(
                            "Unknown setting " + name + " (" + SettingOrigin.text(OriginLookup.getOrigin(file, name))
                                    + ")" + known().didYouMean(name),
                            "Correct the name, or remove it.",
                            null);
                });
            }
        }
    }

    private void warnOfProperties(@Nullable PropertySource<?> properties) {
        if (properties instanceof EnumerablePropertySource<?> named) {
            unknown(named, PROPERTIES)
                    .forEach(name -> log.warn("Unknown system property {}{}", name, known().didYouMean(name)));
        }
    }

    private void warnOfVariables(@Nullable PropertySource<?> variables) {
        if (variables instanceof EnumerablePropertySource<?> named) {
            for (String name : named.getPropertyNames()) {
                if (VARIABLES.matcher(name).matches()
                        && !OF_A_SERVICE.matcher(name).matches()
                        && !URL.matcher(String.valueOf(named.getProperty(name))).matches()
                        && !known().knowVariable(name)) {
                    known().nearest(name)
                            .map(KnownSettings::variable)
                            .ifPresent(
                                    near -> log.warn("Unknown environment variable {}; did you mean {}?", name, near));
                }
            }
        }
    }

    private Stream<String> unknown(EnumerablePropertySource<?> source, Pattern pattern) {
        return Arrays.stream(source.getPropertyNames())
                .filter(name -> pattern.matcher(name).matches() && !known().know(name));
    }

    private KnownSettings known() {
        if (known == null) {
            known = KnownSettings.get();
        }
        return known;
    }
}
