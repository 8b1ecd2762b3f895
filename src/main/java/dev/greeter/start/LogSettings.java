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
import java.util.Objects;
import java.util.function.Predicate;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
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

    static void check(Environment settings) {
        String config = settings.getProperty("logging.config");
        if (config != null && !exists(config)) {
            throw problem(settings, "logging.config", "there is no such file", "Name a configuration of Logback.");
        }
        for (String target : List.of("console", "file")) {
            String format = "logging.structured.format." + target;
            String value = settings.getProperty(format);
            if (value != null
                    && !FORMATS.contains(value.toLowerCase(Locale.ROOT))
                    && !ClassUtils.isPresent(value, null)) {
                throw problem(settings, format, "there is no such format", "Choose one of " + FORMATS + ".");
            }
            String pattern = "logging.pattern." + target;
            checkPattern(pattern, settings);
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
        checkValue(
                "logging.logback.rollingpolicy.file-name-pattern",
                settings,
                pattern -> pattern.contains("%d") && pattern.contains("%i"),
                "it needs both %d and %i");
        checkFile("logging.file.name", settings, true);
        checkFile("logging.file.path", settings, false);
    }

    private static boolean exists(String location) {
        DefaultResourceLoader resources = new DefaultResourceLoader();
        return !new File(location.replaceFirst("^file:", "")).isDirectory()
                && (resources.getResource(location).exists()
                        || resources.getResource("file:" + location).exists());
    }

    private static void checkPattern(String name, Environment settings) {
        String pattern = settings.getProperty(name);
        if (pattern != null) {
            try {
                new Parser<>(pattern).parse();
            } catch (ScanException | IllegalArgumentException e) {
                throw problem(settings, name, String.valueOf(e.getMessage()), "Write it as Logback's manual says.");
            }
        }
    }

    private static void checkValue(String name, Environment settings, Predicate<String> isValid, String problem) {
        String value = settings.getProperty(name);
        if (value != null && !isValid.test(value)) {
            throw problem(settings, name, problem, "Correct it, or remove it.");
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

    private static void checkFile(String name, Environment settings, boolean isFile) {
        String value = settings.getProperty(name);
        if (value == null) {
            return;
        }
        Path path = Path.of(value).toAbsolutePath();
        Path file = isFile ? path : path.resolve("spring.log");
        try {
            Files.createDirectories(Objects.requireNonNullElse(file.getParent(), file));
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
        } catch (IOException e) {
            throw problem(settings, name, "it cannot be written to", "Name one that this user may write to.");
        }
    }

    /** The failure is reported where no environment is known. */
    private static SettingException problem(Environment settings, String name, String problem, String remedy) {
        return new SettingException(
                SettingOrigin.assignment(name, settings.getProperty(name)) + ": " + problem + "."
                        + SettingOrigin.ofNamed(name, settings),
                remedy,
                null);
    }
}
