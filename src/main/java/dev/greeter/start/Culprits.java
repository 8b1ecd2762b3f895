package dev.greeter.start;

import com.google.common.base.Throwables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Finds the settings of which a failure speaks: libraries refuse a value without knowing which setting it is from. */
final class Culprits {

    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
    private static final Pattern PRIVATE_KEYS = Pattern.compile(
            "(management\\.)?server\\.ssl\\.certificate[.-]?private|spring\\.ssl\\.bundle\\.pem\\..*private");

    /** What libraries say of settings without their names or values, and how the names begin. */
    private static final Map<String, Pattern> UNNAMED = Map.ofEntries(
            Map.entry(
                    "SSL is enabled but no trust material is configured",
                    Pattern.compile("(management\\.)?server\\.ssl\\.")),
            Map.entry(
                    "None of the [ciphers] specified are supported",
                    Pattern.compile("(management\\.)?server\\.ssl\\.ciphers")),
            Map.entry("Error loading private key file", PRIVATE_KEYS),
            Map.entry("Missing private key or unrecognized format", PRIVATE_KEYS),
            Map.entry("must start with \"jdbc\"", Pattern.compile("spring\\.datasource\\.url")),
            Map.entry("Management-specific SSL cannot be configured", Pattern.compile("management\\.server\\.ssl\\.")),
            Map.entry(
                    "Management-specific server address cannot be configured",
                    Pattern.compile("management\\.server\\.address")),
            Map.entry("conversion word", Pattern.compile("logging\\.(pattern\\.|exception)")),
            Map.entry("Could not instantiate SimpleDateFormat", Pattern.compile("logging\\.pattern\\.")),
            Map.entry("Error page location", Pattern.compile("spring\\.mvc\\.servlet\\.path")),
            Map.entry("There is already 'Actuator", Pattern.compile("management\\.endpoints\\.web\\.path-?mapping")));

    private static final int LIKELY = 2;
    private static final int LONG_NAME = 8;
    private static final int LONG_VALUE = 3;

    private Culprits() {}

    static String of(Throwable failure, ConfigurableEnvironment settings) {
        return of(
                Throwables.getCausalChain(failure).stream()
                        .map(cause -> String.valueOf(cause.getMessage()))
                        .collect(Collectors.joining("\n")),
                settings);
    }

    /** Returns a line for each setting that somebody has set outside the jar and that the text most likely means. */
    static String of(String text, ConfigurableEnvironment settings) {
        KnownSettings known = KnownSettings.get();
        Map<String, Integer> found = new LinkedHashMap<>();
        for (PropertySource<?> source : settings.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> named
                    && !source.getName().contains("class path resource")
                    && !List.of(ServiceDefaults.SOURCE, ReadSettings.SOURCE, JarFolder.SOURCE)
                            .contains(source.getName())) {
                for (String name : named.getPropertyNames()) {
                    String value = String.valueOf(named.getProperty(name));
                    int likelihood = isSetting(source, name, known) ? likelihood(name, value, text) : 0;
                    if (likelihood >= LIKELY) {
                        found.putIfAbsent(line(named, name, value), likelihood);
                    }
                }
            }
        }
        int most = found.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        StringBuilder lines = new StringBuilder();
        found.forEach((line, likelihood) -> lines.append(likelihood == most ? line : ""));
        return lines.toString();
    }

    /** Of the system's properties and variables, many of which have other readers, those of known names. */
    private static boolean isSetting(PropertySource<?> source, String name, KnownSettings known) {
        return switch (source.getName()) {
            case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME ->
                name.equals(TEMPORARY_FOLDER) || known.know(name);
            case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME -> known.knowVariable(name);
            default -> true;
        };
    }

    /** Returns how likely the text means the setting: by its value, by the last part of its name, or, if short, by both. */
    private static int likelihood(String name, String value, String text) {
        String setting =
                name.contains(".") ? name : name.toLowerCase(Locale.ROOT).replace('_', '.');
        for (Map.Entry<String, Pattern> unnamed : UNNAMED.entrySet()) {
            if (text.contains(unnamed.getKey())
                    && unnamed.getValue().matcher(setting).lookingAt()) {
                return LIKELY;
            }
        }
        String last = letters(setting.substring(setting.lastIndexOf('.') + 1));
        int byName = letters(text).contains(last) ? last.length() >= LONG_NAME ? LIKELY : 1 : 0;
        boolean quoted = !value.isBlank()
                && !SettingOrigin.isSecret(name)
                && !value.matches("true|false|yes|no|on|off")
                && Pattern.compile("(?<![\\w/])" + Pattern.quote(value) + "(?![\\w/])")
                        .matcher(text)
                        .find();
        return byName + (quoted ? value.length() >= LONG_VALUE ? LIKELY : 1 : 0);
    }

    private static String letters(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    private static String line(EnumerablePropertySource<?> source, String name, String value) {
        Origin origin = OriginLookup.getOrigin(source, name);
        return "\n    " + SettingOrigin.assignment(name, value) + ": "
                + SettingOrigin.text(origin == null ? PropertySourceOrigin.get(source, name) : origin);
    }
}
