package dev.greeter.start;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/** Rules for the values of settings, with messages that name the setting. */
public final class SettingRules {

    /** Less than a timer's 292 years of nanoseconds. */
    static final Duration LONGEST = Duration.ofDays(365 * 100);

    private SettingRules() {}

    public static void requirePositive(String name, Duration value) {
        require(!value.isNegative() && !value.isZero(), name, "positive", text(value));
        require(value.compareTo(LONGEST) <= 0, name, "at most " + text(LONGEST), text(value));
    }

    public static void requirePositive(String name, long value) {
        require(value > 0, name, "positive", value);
    }

    public static void requireNotNegative(String name, Duration value) {
        require(!value.isNegative(), name, "zero or positive", text(value));
        require(value.compareTo(LONGEST) <= 0, name, "at most " + text(LONGEST), text(value));
    }

    /**
     * Stops the start over settings that are without effect, as who has written them may rely on it.
     *
     * @param names of settings, each after the prefix
     * @param reason why they are without effect
     */
    public static void refuseWithoutEffect(
            Environment environment, String prefix, List<String> names, String reason, String remedy) {
        String given = given(environment, prefix, names);
        if (!given.isEmpty()) {
            throw new SettingException(
                    given + (given.contains(",") ? " have" : " has") + " no effect: " + reason + ".", remedy, null);
        }
    }

    /** Stops the start if some of these names and some of the others are set: only one of the two would have effect. */
    public static void refuseBoth(Environment environment, String prefix, List<String> names, List<String> others) {
        String given = given(environment, prefix, names);
        String other = given(environment, prefix, others);
        if (!given.isEmpty() && !other.isEmpty()) {
            throw new SettingException(
                    given + " cannot be combined with " + other + ".", "Remove the ones or the others.", null);
        }
    }

    /**
     * Stops the start over a key of a table that is written in a way in which Spring Boot leaves it out, such as one with
     * a dot or a slash and without brackets.
     *
     * @param keys as they may be written after the name of the table
     */
    public static void requireKeys(ConfigurableEnvironment environment, String table, Pattern keys, String remedy) {
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> named) {
                for (String name : named.getPropertyNames()) {
                    String key = name.substring(Math.min(table.length(), name.length()));
                    if (name.startsWith(table)
                            && (key.startsWith(".") || key.startsWith("["))
                            && !keys.matcher(key).matches()) {
                        throw new SettingException(
                                name + " has no effect (" + SettingOrigin.text(PropertySourceOrigin.get(named, name))
                                        + ").",
                                remedy,
                                null);
                    }
                }
            }
        }
    }

    private static String given(Environment environment, String prefix, List<String> names) {
        return names.stream()
                .map(name -> prefix + name)
                .filter(name -> environment.containsProperty(name) || environment.containsProperty(name + "[0]"))
                .collect(Collectors.joining(", "));
    }

    /** Returns the duration as a setting is written: {@code -1m-30s}. */
    private static String text(Duration value) {
        return value.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    private static void require(boolean holds, String name, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " must be " + rule + ", but is " + value);
        }
    }
}
