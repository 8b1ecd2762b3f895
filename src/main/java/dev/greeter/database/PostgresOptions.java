package dev.greeter.database;

import com.google.common.base.Splitter;
import dev.greeter.start.NearestName;
import dev.greeter.start.SettingException;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Refuses options of PostgreSQL's driver that it would ignore without a word, or with which calls would have other
 * answers.
 */
final class PostgresOptions {

    private static final String OTHERS = "spring.datasource.hikari.data-source-properties";

    /** Classes of the user, which may read options of their own. */
    private static final Set<String> CLASSES =
            Set.of("socketFactory", "sslfactory", "authenticationPluginClassName", "connectExecutor");

    /** Other names of PGHOST, PGPORT and PGDBNAME. */
    private static final Set<String> ALIASES = Set.of("host", "port", "dbname");

    private static final String SSL = "ssl";
    private static final List<String> BOOLEANS = List.of("true", "false");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}(\\.\\d+)?");

    /** What an option must not be, and the reason. */
    private static final Map<String, Refusal> REFUSALS = Map.of(
            "preferQueryMode", new Refusal("(?i)simple", "an export would be read into memory as a whole"),
            "maxResultBuffer", new Refusal(".*", "a large page could never be read"),
            "replication", new Refusal("(?i)(?!false).*", "such a session accepts no queries"),
            "options",
                    new Refusal(
                            "(?i).*\\bsynchronous_commit *= *(off|false|no|0)\\b.*",
                            "what is acknowledged would not be on the disk yet"));

    private PostgresOptions() {}

    /** Checks that the driver knows each name and accepts each value. */
    static void requireKnown(String setting, JdbcUrl url) {
        requireKnown(setting, url.names(), options(url.toString(), new Properties()));
    }

    /** Checks the same of the pool's options, and that none of both changes what a call is answered. */
    static void requireHarmless(String setting, JdbcUrl url, Properties others) {
        Map<String, DriverPropertyInfo> given = options(url.toString(), others);
        requireKnown(OTHERS, others.stringPropertyNames(), given);
        REFUSALS.forEach((name, refusal) -> {
            String value = Objects.requireNonNull(given.get(name)).value;
            if (value != null && value.matches(refusal.values)) {
                throw new SettingException(
                        (url.get(name) == null ? OTHERS : setting) + " sets " + name + "=" + value + ", but "
                                + refusal.reason + ".",
                        "Remove it.",
                        null);
            }
        });
    }

    private static void requireKnown(String setting, Collection<String> names, Map<String, DriverPropertyInfo> given) {
        Map<String, DriverPropertyInfo> defaults = options(ConnectionOptions.POSTGRESQL, new Properties());
        for (String name : names) {
            DriverPropertyInfo option = given.get(name);
            DriverPropertyInfo standard = defaults.get(name);
            if (option != null && standard != null) {
                requireValue(setting, option, String.valueOf(standard.value));
            } else if (!ALIASES.contains(name) && names.stream().noneMatch(CLASSES::contains)) {
                throw new SettingException(
                        setting + " sets " + name + ", which the driver does not know.",
                        NearestName.to(name, given.keySet())
                                .map(nearest -> "Remove it, or did you mean " + nearest + "?")
                                .orElse("Remove it."),
                        null);
            }
        }
    }

    private static void requireValue(String setting, DriverPropertyInfo option, String standard) {
        String value = String.valueOf(option.value);
        List<String> choices = choices(option, standard);
        if (choices.isEmpty()
                && NUMBER.matcher(standard).matches()
                && !NUMBER.matcher(value).matches()) {
            throw refused(setting, option, "not a number");
        }
        boolean isSwitch = option.name.equals(SSL) && value.isEmpty();
        if (!choices.isEmpty() && !isSwitch && !isAnyOf(choices, value)) {
            throw refused(setting, option, "none of " + String.join(", ", choices));
        }
    }

    private static List<String> choices(DriverPropertyInfo option, String standard) {
        if (option.choices != null) {
            return Arrays.asList(option.choices);
        }
        return BOOLEANS.contains(standard) || option.name.equals(SSL) ? BOOLEANS : List.of();
    }

    /** Some options are lists. */
    private static boolean isAnyOf(List<String> choices, String value) {
        return Splitter.on(',')
                .splitToStream(value)
                .allMatch(part -> choices.stream().anyMatch(part::equalsIgnoreCase));
    }

    private static SettingException refused(String setting, DriverPropertyInfo option, String problem) {
        return new SettingException(
                setting + " sets " + option.name + "=" + option.value + ", which is " + problem + ".",
                "Correct or remove it.",
                null);
    }

    /** Returns the options that the driver knows, with their values. */
    private static Map<String, DriverPropertyInfo> options(String url, Properties others) {
        try {
            DriverPropertyInfo[] options = DriverManager.getDriver(url).getPropertyInfo(url, others);
            return Arrays.stream(options).collect(Collectors.toMap(option -> option.name, Function.identity()));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param values pattern of the refused values */
    private record Refusal(String values, String reason) {}
}
