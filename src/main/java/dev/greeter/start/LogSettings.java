package dev.greeter.start;

import ch.qos.logback.classic.Level;
import ch.qos.logback.core.pattern.parser.Parser;
import ch.qos.logback.core.spi.ScanException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

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
            checkValue("logging.charset." + target, settings, LogSettings::isCharset, "there is no such charset");
            checkValue(
                    "logging.threshold." + target,
                    settings,
                    level -> Level.toLevel(level, null) != null,
                    "there is no such level");
        }
        for (String size : List.of("max-file-size", "total-size-cap")) {
            checkValue("logging.logback.rollingpolicy." + size, settings, LogSettings::isSize, "it is no size");
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

    private static void checkValue(String name, PropertyResolver settings, Predicate<String> isValid, String problem) {
        String value = settings.getProperty(name);
        if (value != null && !isValid.test(value)) {
            throw problem(name, value, problem, "Correct it, or remove it.");
        }
    }

    private static boolean isCharset(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalCharsetNameException e) {
            return false;
        }
    }

    /** As Spring Boot writes a size, or as Logback does. */
    private static boolean isSize(String text) {
        try {
            DataSize.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return text.matches("(?i)\\d+ *(KB|MB|GB)?");
        }
    }

    private static void checkFile(String name, @Nullable String value, boolean isFile) {
        if (value == null) {
            return;
        }
        Path path = Path.of(value).toAbsolutePath();
        Path file = isFile ? path : path.resolve("spring.log");
        try {
            Files.createDirectories(file.getParent());
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw problem(name, value, "it cannot be written to", "Name one that this user may write to.");
        }
    }

    private static SettingException problem(String name, String value, String problem, String remedy) {
        return new SettingException(name + " is \"" + value + "\": " + problem + ".", remedy, null);
    }
}
