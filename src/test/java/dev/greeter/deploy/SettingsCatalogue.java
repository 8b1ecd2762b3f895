package dev.greeter.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every setting that the application and its libraries describe in their configuration metadata. */
final class SettingsCatalogue {

    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    /** The starter describes the settings of each client as those of one, GLOBAL. */
    private static final Pattern CLIENT = Pattern.compile("^grpc\\.client\\.[^.]+\\.");

    private final Map<String, Setting> settings = new TreeMap<>();

    SettingsCatalogue() throws IOException {
        ClassLoader libraries = SettingsCatalogue.class.getClassLoader();
        for (URL metadata : Collections.list(libraries.getResources(METADATA))) {
            for (JsonNode property : read(metadata).path("properties")) {
                Setting setting = Setting.of(property);
                // Of several descriptions of one setting, the longest is kept.
                settings.merge(
                        setting.name(),
                        setting,
                        (one, other) -> one.description().length()
                                        >= other.description().length()
                                ? one
                                : other);
            }
        }
    }

    private static JsonNode read(URL metadata) throws IOException {
        try (InputStream json = metadata.openStream()) {
            return new ObjectMapper().readTree(json);
        }
    }

    Iterable<Setting> startingWith(String prefix) {
        return settings.values().stream()
                .filter(setting -> setting.name().startsWith(prefix))
                .toList();
    }

    /** Returns the setting of this name, or the map that the name is a key of, or null. */
    @Nullable
    Setting find(String name) {
        Setting exact =
                settings.getOrDefault(name, settings.get(CLIENT.matcher(name).replaceFirst("grpc.client.GLOBAL.")));
        if (exact != null) {
            return exact;
        }
        for (int end = name.length() - 1; end > 0; end--) {
            if (name.charAt(end) == '.' || name.charAt(end) == '[') {
                Setting parent = settings.get(name.substring(0, end));
                if (parent != null && parent.isMap()) {
                    return parent;
                }
            }
        }
        return null;
    }

    /** Returns the setting of an environment variable, or null. */
    @Nullable
    Setting findVariable(String variable) {
        return settings.values().stream()
                .filter(setting -> variable(setting.name()).equals(variable))
                .findAny()
                .orElse(null);
    }

    private static String variable(String name) {
        return name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /**
     * A setting of the metadata.
     *
     * @param standard default in the metadata, or empty
     * @param deprecated whether it should not be used any more
     */
    record Setting(String name, String type, String standard, String description, boolean deprecated) {

        static Setting of(JsonNode property) {
            JsonNode standard = property.path("defaultValue");
            return new Setting(
                    property.path("name").asText(),
                    property.path("type").asText(),
                    standard.isContainerNode() ? standard.toString() : standard.asText(),
                    property.path("description").asText(),
                    property.has("deprecation"));
        }

        boolean isMap() {
            return type.startsWith("java.util.Map<");
        }
    }
}
