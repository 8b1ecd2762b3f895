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

    private static final String FOLDERS = "optional:%1$s;optional:%1$sconfig/;optional:%1$sconfig/*/";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        File jar = new ApplicationHome(application.getMainApplicationClass()).getSource();
        if (jar == null || !jar.isFile()) {
            return;
        }
        Path folder = jar.getAbsoluteFile().toPath().normalize().getParent();
        if (folder == null || folder.equals(Path.of("").toAbsolutePath())) {
            return;
        }
        // What Spring Boot reads by itself, with the jar's folder between.
        String locations = "optional:classpath:/;optional:classpath:/config/," + FOLDERS.formatted(location(folder))
                + "," + FOLDERS.formatted("file:./");
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(SOURCE, Map.of("spring.config.location", locations)));
    }

    /** Returns the folder as a URL without the characters to which Spring Boot gives a meaning of its own. */
    private static String location(Path folder) {
        return folder.toUri().toString().replace(",", "%2C").replace(";", "%3B");
    }
}
