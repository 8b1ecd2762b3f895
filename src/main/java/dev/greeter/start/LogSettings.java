package dev.greeter.start;

import ch.qos.logback.core.pattern.parser.Parser;
import ch.qos.logback.core.spi.ScanException;
import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.util.ClassUtils;

/** Refuses settings of the log that cannot be used; those who read them print stack traces, as there is no log yet. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class LogSettings implements EnvironmentPostProcessor {

    private static final List<String> FORMATS = List.of("ecs", "gelf", "logstash");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        check(environment);
    }

    static void check(PropertyResolver settings) {
        String config = settings.getProperty("logging.config");
        if (config != null && !exists(config)) {
            throw problem("logging.config", config, "there is no such file", "Name a configuration of Logback.");
        }
        for (String target : List.of("console", "file")) {
            String format = "logging.structured.format." + target;
            String value = settings.getProperty(format);
            if (value != null
                    && !FORMATS.contains(value.toLowerCase(Locale.ROOT))
                    && !ClassUtils.isPresent(value, null)) {
                throw problem(format, value, "there is no such format", "Choose one of " + FORMATS + ".");
            }
            String pattern = "logging.pattern." + target;
            checkPattern(pattern, settings.getProperty(pattern));
        }
        checkFile("logging.file.name", settings.getProperty("logging.file.name"), true);
        checkFile("logging.file.path", settings.getProperty("logging.file.path"), false);
    }

    private static boolean exists(String location) {
        DefaultResourceLoader resources = new DefaultResourceLoader();
        return !new File(location.replaceFirst("^file:", "")).isDirectory()
                && (resources.getResource(location).exists()
                        || resources.getResource("file:" + location).exists());
    }

    private static void checkPattern(String name, @Nullable String pattern) {
        if (pattern != null) {
            try {
                new Parser<>(pattern).parse();
            } catch (ScanException | IllegalArgumentException e) {
                throw problem(name, pattern, String.valueOf(e.getMessage()), "Write it as Logback's manual says.");
            }
        }
    }

    private static void checkFile(String name, @Nullable String value, boolean isFile) {
        if (value == null) {
            return;
        }
        Path path = Path.of(value).toAbsolutePath();
        Path folder = isFile ? path.getParent() : path;
        try {
            Files.createDirectories(folder);
            if (Files.isDirectory(path) == isFile || !Files.isWritable(Files.exists(path) ? path : folder)) {
                throw new AccessDeniedException(value);
            }
        } catch (IOException e) {
            throw problem(name, value, "it cannot be written to", "Name one that this user may write to.");
        }
    }

    private static SettingException problem(String name, String value, String problem, String remedy) {
        return new SettingException(name + " is \"" + value + "\": " + problem + ".", remedy, null);
    }
}
