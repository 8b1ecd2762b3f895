package dev.greeter.start;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.system.ApplicationHome;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Lets files of settings beside the jar count, wherever it is started; those in the working directory come first. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class JarFolder implements EnvironmentPostProcessor {

    /** The name of the property source. */
    static final String SOURCE = "jar folder";

    private static final String FOLDERS = "optional:file:%1$s/;optional:file:%1$s/config/;optional:file:%1$s/config/*/";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        File jar = new ApplicationHome(application.getMainApplicationClass()).getSource();
        if (jar == null || !jar.isFile()) {
            return;
        }
        Path folder = jar.getAbsoluteFile().toPath().normalize().getParent();
        // Spring Boot gives some characters a meaning of their own.
        if (folder == null
                || folder.equals(Path.of("").toAbsolutePath())
                || folder.toString().matches(".*[,;*].*")) {
            return;
        }
        // What Spring Boot reads by itself, with the jar's folder between.
        String locations = "optional:classpath:/;optional:classpath:/config/," + FOLDERS.formatted(folder) + ","
                + FOLDERS.formatted(".");
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(SOURCE, Map.of("spring.config.location", locations)));
    }
}
