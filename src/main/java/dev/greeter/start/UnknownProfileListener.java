package dev.greeter.start;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Stops the start if nothing uses an active profile, which is probably misspelt: Spring accepts any name. */
final class UnknownProfileListener implements ApplicationListener<ApplicationPreparedEvent> {

    private static final String ON_PROFILE = "spring.config.activate.on-profile";
    private static final String GROUP = "spring.profiles.group.";
    private static final List<Splitter> NAMES =
            List.of(Splitter.onPattern("[^\\w.+@-]+"), Splitter.onPattern("[^\\w+@-]+"));
    private static final List<String> EXTENSIONS = List.of("yml", "yaml", "properties", "xml");
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
                .filter(profile -> !isInSettings(environment, profile) && !hasFile(environment, profile))
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

    /** In a document for it, as a group, or in a group. */
    private static boolean isInSettings(ConfigurableEnvironment environment, String profile) {
        return environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(EnumerablePropertySource.class::cast)
                .anyMatch(source -> Arrays.stream(source.getPropertyNames())
                        .anyMatch(name -> (name.startsWith(ON_PROFILE) || name.startsWith(GROUP))
                                && mentions(name + " " + source.getProperty(name), profile)));
    }

    /** Also for an empty file, which has no property source. */
    private static boolean hasFile(ConfigurableEnvironment environment, String profile) {
        ResourcePatternResolver files = new PathMatchingResourcePatternResolver();
        String names = environment.getProperty("spring.config.name", "application");
        String locations = environment.getProperty("spring.config.location", LOCATIONS) + ","
                + environment.getProperty("spring.config.additional-location", "");
        return Stream.of(StringUtils.tokenizeToStringArray(locations.replace("optional:", ""), ",;"))
                .map(location -> location.contains(":") ? location : "file:" + location)
                .flatMap(location -> Stream.of(StringUtils.commaDelimitedListToStringArray(names))
                        .map(name -> folder(location) + name.strip() + "-" + profile + ".*"))
                .anyMatch(pattern -> exists(files, pattern));
    }

    private static String folder(String location) {
        return location.substring(0, location.lastIndexOf('/') + 1);
    }

    private static boolean exists(ResourcePatternResolver files, String pattern) {
        // No pattern finds what is at the root of a jar.
        if (pattern.startsWith("classpath:")
                && EXTENSIONS.stream()
                        .anyMatch(extension -> files.getResource(pattern.replaceFirst("\\*$", extension))
                                .exists())) {
            return true;
        }
        try {
            return files.getResources(pattern).length > 0;
        } catch (IOException e) {
            // no such folder
            return false;
        }
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
