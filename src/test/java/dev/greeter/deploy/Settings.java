package dev.greeter.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

/** The settings of an application.yml as they are written, in their order. */
final class Settings {

    static final Path APPLICATION = Path.of("src/main/resources/application.yml");
    static final Path DEFAULTS = Path.of("src/main/resources/dev/greeter/start/defaults.yml");

    private final Map<String, String> values;

    private Settings(Map<String, String> values) {
        this.values = values;
    }

    /** Returns those of the application, with the defaults of every service. */
    static Settings shipped() throws IOException {
        return of(APPLICATION).over(of(DEFAULTS));
    }

    static Settings of(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        List<PropertySource<?>> documents =
                new YamlPropertySourceLoader().load(file.toString(), new FileSystemResource(file));
        for (PropertySource<?> document : documents) {
            for (String name : ((EnumerablePropertySource<?>) document).getPropertyNames()) {
                values.put(name, String.valueOf(document.getProperty(name)));
            }
        }
        return new Settings(values);
    }

    /** Returns these settings, with the defaults for those that are missing. */
    Settings over(Settings defaults) {
        Map<String, String> both = new LinkedHashMap<>(defaults.values);
        both.putAll(values);
        return new Settings(both);
    }

    Map<String, String> values() {
        return values;
    }

    int number(String name) {
        return Integer.parseInt(value(name));
    }

    Duration duration(String name) {
        return DurationStyle.detectAndParse(value(name));
    }

    private String value(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new AssertionError(name + " is not set");
        }
        return value;
    }
}
