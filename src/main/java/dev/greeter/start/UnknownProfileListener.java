package dev.greeter.start;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Stops the start if nothing uses an active profile, which is probably misspelt: Spring accepts any name. */
final class UnknownProfileListener implements ApplicationListener<ApplicationPreparedEvent> {

    private static final String ON_PROFILE = "spring.config.activate.on-profile";
    private static final String GROUP = "spring.profiles.group.";
    private static final String IMPORT = "spring.config.import";
    private static final List<Splitter> NAMES =
            List.of(Splitter.onPattern("[^\\w.+@-]+"), Splitter.onPattern("[^\\w+@-]+"));
    private static final String TEST = "Inlined Test Properties";
    private static final String LOCATIONS = "classpath:/,classpath:/config/,file:./,file:./config/,file:./config/*/";

    @Override
    public void onApplicationEvent(ApplicationPreparedEvent event) {
        ConfigurableApplicationContext context = event.getApplicationContext();
        ConfigurableEnvironment environment = context.getEnvironment();
        if (environment.getPropertySources().contains(TEST)) {
            return;
        }
        List<String> unknown = Arrays.stream(environment.getActiveProfiles())
                .filter(profile -> !isInSettings(environment, profile) && !isInFiles(environment, profile))
                .toList();
        if (!unknown.isEmpty()) {
            context.addBeanFactoryPostProcessor(beans -> requireBeans(beans, unknown));
        }
    }

    private static void requireBeans(ConfigurableListableBeanFactory beans, List<String> profiles) {
        for (String profile : profiles) {
            if (Arrays.stream(beans.getBeanDefinitionNames())
                    .map(beans::getBeanDefinition)
                    .noneMatch(bean -> names(bean, profile))) {
                throw new SettingException(
                        "Unknown profile \"" + profile + "\": no file application-" + profile
                                + ".yml, no document and no bean uses it.",
                        "Correct spring.profiles.active, or add the file.",
                        null);
            }
        }
    }

    private static boolean isInSettings(ConfigurableEnvironment environment, String profile) {
        return environment.getPropertySources().stream().anyMatch(source -> isInSettings(source, profile));
    }

    /** In a document for it, as a group, or in a group. */
    private static boolean isInSettings(PropertySource<?> source, String profile) {
        return source instanceof EnumerablePropertySource<?> settings
                && Arrays.stream(settings.getPropertyNames())
                        .anyMatch(name -> (name.startsWith(ON_PROFILE) || name.startsWith(GROUP))
                                && mentions(name + " " + settings.getProperty(name), profile));
    }

    /** An empty file and a document for other profiles, too, have no property source. */
    private static boolean isInFiles(ConfigurableEnvironment environment, String profile) {
        ResourcePatternResolver resolver = new PathMatchingResourcePatternResolver();
        return stems(environment)
                .anyMatch(stem ->
                        files(resolver, stem + "-" + profile).findAny().isPresent()
                                || files(resolver, stem)
                                        .flatMap(file -> new SettingFiles().load(file.toString(), file).stream())
                                        .anyMatch(document -> isInSettings(document, profile)));
    }

    private static Stream<Resource> files(ResourcePatternResolver resolver, String stem) {
        return Arrays.stream(new SettingFiles().getFileExtensions())
                .flatMap(extension -> {
                    try {
                        return Stream.of(resolver.getResources(stem + "." + extension));
                    } catch (IOException e) {
                        // no such folder
                        return Stream.empty();
                    }
                })
                .filter(Resource::exists);
    }

    /** Returns the files that Spring Boot reads, without the name of a profile and without an extension. */
    private static Stream<String> stems(ConfigurableEnvironment environment) {
        String[] names = StringUtils.commaDelimitedListToStringArray(
                environment.getProperty("spring.config.name", "application"));
        String locations = environment.getProperty("spring.config.location", LOCATIONS) + ","
                + environment.getProperty("spring.config.additional-location", "");
        return Stream.concat(
                        Stream.of(StringUtils.tokenizeToStringArray(locations, ",;"))
                                .map(location -> resolved(location, null)),
                        imports(environment))
                .flatMap(location -> location.endsWith("/")
                        ? Stream.of(names).map(name -> location + name.strip())
                        : Stream.of(location.replaceFirst("\\.\\w+$", "")));
    }

    private static Stream<String> imports(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(EnumerablePropertySource.class::cast)
                .flatMap(source -> Arrays.stream(source.getPropertyNames())
                        .filter(name -> name.startsWith(IMPORT))
                        .flatMap(name -> Stream.of(StringUtils.tokenizeToStringArray(
                                        String.valueOf(source.getProperty(name)), ","))
                                .map(location -> resolved(location, OriginLookup.getOrigin(source, name)))));
    }

    /** @param origin the file that imports the location */
    private static String resolved(String location, @Nullable Origin origin) {
        String place = location.replaceFirst("^optional:", "");
        if (place.contains(":")) {
            return place;
        }
        if (!place.startsWith("/") && origin instanceof TextResourceOrigin file && file.getResource() != null) {
            try {
                return file.getResource().createRelative(place).getURL().toString();
            } catch (IOException e) {
                // It is not beside that file.
            }
        }
        return "file:" + place;
    }

    private static boolean names(BeanDefinition bean, String profile) {
        if (!(bean instanceof AnnotatedBeanDefinition annotated)) {
            return false;
        }
        return Stream.of(annotated.getMetadata(), annotated.getFactoryMethodMetadata())
                .filter(AnnotatedTypeMetadata.class::isInstance)
                .flatMap(metadata -> metadata.getAnnotations().stream(Profile.class))
                .flatMap(condition -> Arrays.stream(condition.getStringArray("value")))
                .anyMatch(expression -> mentions(expression, profile));
    }

    /** As a name in an expression such as {@code !(a & b)}, in a list, or as a part of the name of a property. */
    private static boolean mentions(String text, String profile) {
        return NAMES.stream().anyMatch(names -> names.splitToList(text).contains(profile));
    }
}
