package dev.greeter.test;

import dev.greeter.server.ServerSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** The default settings, with some changed as in {@code max-connections=1}. */
public final class TestSettings {

    private TestSettings() {}

    public static ServerSettings with(String... changes) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String change : changes) {
            String[] property = change.split("=", 2);
            properties.put("greeter.server." + property[0], property[1]);
        }
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("greeter.server", ServerSettings.class);
    }
}
