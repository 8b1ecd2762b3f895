package dev.greeter.server.image;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Writes a table of the settings of the server, of the clients, and of the application itself. */
final class SettingsReference {

    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    /** They describe hundreds of settings of Spring, which has its own reference. */
    private static final Pattern OF_SPRING = Pattern.compile("/(spring|datasource-micrometer)-[^/]*\\.jar!");

    private SettingsReference() {}

    static void write(Path file) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        ClassLoader libraries = SettingsReference.class.getClassLoader();
        for (URL url : Collections.list(libraries.getResources(METADATA))) {
            if (!OF_SPRING.matcher(url.getPath()).find()) {
                add(url, rows);
            }
        }
        Files.writeString(
                file,
                "# Settings\n\nThose of Spring Boot: https://docs.spring.io/spring-boot/appendix/application-properties/\n\n"
                        + "| setting | default | meaning |\n|---|---|---|\n" + String.join("", rows.values()));
    }

    private static void add(URL metadata, Map<String, String> rows) throws IOException {
        try (Reader json = new InputStreamReader(metadata.openStream(), StandardCharsets.UTF_8)) {
            for (JsonElement element :
                    JsonParser.parseReader(json).getAsJsonObject().getAsJsonArray("properties")) {
                JsonObject property = element.getAsJsonObject();
                String name = text(property, "name");
                String description = text(property, "description");
                if (!description.isEmpty()) {
                    rows.put(
                            name,
                            "| `" + name + "` | " + text(property, "defaultValue") + " | " + description + " |\n");
                }
            }
        }
    }

    private static String text(JsonObject property, String name) {
        JsonElement value = property.get(name);
        if (value == null) {
            return "";
        }
        String text = value.isJsonPrimitive() ? value.getAsString() : value.toString();
        return text.replaceAll("\\s+", " ").replace("|", "\\|");
    }
}
