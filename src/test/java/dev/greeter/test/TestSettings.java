package dev.greeter.test;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.annotation.MergedAnnotations;

/** The default settings of a group, with some changed as in {@code connections=1}. */
public final class TestSettings {

    private TestSettings() {}

    public static <T> T with(Class<T> type, String... changes) {
        String prefix =
                MergedAnnotations.from(type).get(ConfigurationProperties.class).getString("prefix");
        Map<String, String> properties = new LinkedHashMap<>();
        for (String change : changes) {
            String[] property = change.split("=", 2);
            properties.put(prefix + "." + property[0], property[1]);
        }
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate(prefix, type);
    }
}
