package dev.greeter.start;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that the application and its libraries describe in their configuration metadata. */
final class KnownSettings {

    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    /** A group or a property; to parse the JSON takes ten times as long. */
    private static final Pattern DESCRIBED = Pattern.compile("\"name\":\\s*\"([^\"]+)\",\\s*\"type\":\\s*\"([^\"]+)\"");

    /** The starter describes the settings of each client as those of one, GLOBAL. */
    private static final Pattern CLIENT = Pattern.compile("grpc\\.client\\.[^.]+\\.");

    private static final Pattern CLIENT_VARIABLE = Pattern.compile("GRPC_CLIENT_[^_]+_");

    private static final String ANY_CLIENT = "grpc.client.global.";
    private static final Pattern OWN = Pattern.compile("(grpc|greeter|service)\\.");

    /** What {@code service} was called before it was a library. */
    private static final Pattern FORMER = Pattern.compile("^(?i:greeter\\.server)\\.");

    private static final String MAP = "java.util.Map<";
    private static final Pattern ONE_VALUE = Pattern.compile("java\\.(lang|time)\\.\\w+|.*\\.DataSize");
    private static final Pattern OF_SPRING_BOOT = Pattern.compile("/spring-boot-[^/]*\\.jar!");
    private static final int TYPING_ERRORS = 2;

    private final NavigableMap<String, String> names = new TreeMap<>();
    private final Map<String, String> types = new HashMap<>();
    private final String usage;

    private KnownSettings(String usage) {
        this.usage = usage;
    }

    /** Reads the metadata, which takes 35 ms: for a start that fails. */
    static KnownSettings get() {
        try {
            return ofClassPath("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads all but those of Spring Boot, of which there are most. */
    static KnownSettings ofServices() {
        try {
            return read("", url -> !OF_SPRING_BOOT.matcher(url.getPath()).find());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param usage the text of {@code --help}: of several similar names, one in this text is preferred */
    static KnownSettings ofClassPath(String usage) throws IOException {
        return read(usage, url -> true);
    }

    private static KnownSettings read(String usage, Predicate<URL> wanted) throws IOException {
        KnownSettings settings = new KnownSettings(usage);
        for (URL url : Collections.list(KnownSettings.class.getClassLoader().getResources(METADATA))) {
            if (wanted.test(url)) {
                try (InputStream metadata = url.openStream()) {
                    settings.add(new String(metadata.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        return settings;
    }

    private void add(String metadata) {
        Matcher described = DESCRIBED.matcher(metadata);
        while (described.find()) {
            String name = described.group(1);
            names.put(uniform(name), name.replace("grpc.client.GLOBAL.", "grpc.client.greeter."));
            types.put(uniform(name), described.group(2));
        }
    }

    /** Returns whether a library describes the setting, in any notation. */
    boolean know(String name) {
        String uniform = uniform(name);
        Matcher client = CLIENT.matcher(uniform);
        if (client.lookingAt()) {
            return isKnown(ANY_CLIENT + uniform.substring(client.end()));
        }
        return isKnown(uniform) || isKeyOfMap(uniform);
    }

    /** Returns whether a library describes the setting as a switch. */
    boolean isBoolean(String name) {
        return types.getOrDefault(uniform(name), "").equals("java.lang.Boolean");
    }

    /** Returns the types of all settings by their names. */
    Map<String, String> types() {
        Map<String, String> described = new TreeMap<>();
        names.forEach((uniform, name) -> described.put(name, types.getOrDefault(uniform, "")));
        return described;
    }

    private boolean isKnown(String uniform) {
        String setting = element(uniform);
        return names.containsKey(setting)
                && !isGroup(setting)
                && (setting.equals(uniform)
                        || !ONE_VALUE.matcher(types.getOrDefault(setting, "")).matches());
    }

    /** Returns whether this is the name of a group or a table of settings, which has no value. */
    boolean knowGroup(String name) {
        String uniform = uniform(name);
        if (CLIENT.matcher(uniform + ".").matches()
                || types.getOrDefault(uniform, "").startsWith(MAP)) {
            return true;
        }
        Matcher client = CLIENT.matcher(uniform);
        return isGroup(element(client.lookingAt() ? ANY_CLIENT + uniform.substring(client.end()) : uniform));
    }

    private boolean isGroup(String uniform) {
        return !isSetting(uniform) && !types.getOrDefault(uniform, "").startsWith("java.");
    }

    /** Returns whether a library reads the environment variable. */
    boolean knowVariable(String variable) {
        String written = CLIENT_VARIABLE.matcher(variable).replaceFirst("GRPC_CLIENT_GREETER_");
        boolean ofClient = !written.equals(variable) || written.startsWith("GRPC_CLIENT_GREETER_");
        return names.entrySet().stream()
                .filter(known -> !ofClient || known.getKey().startsWith(ANY_CLIENT))
                .filter(known -> !isGroup(known.getKey()))
                .anyMatch(known -> {
                    boolean map = types.getOrDefault(known.getKey(), "").startsWith(MAP);
                    return isVariable(written, variable(known.getValue()), map)
                            || isVariable(written, variable(known.getValue().replace('-', '_')), map);
                });
    }

    private static boolean isVariable(String written, String variable, boolean map) {
        if (!written.startsWith(variable)) {
            return false;
        }
        String rest = written.substring(variable.length());
        return rest.isEmpty() || (map ? rest.startsWith("_") : rest.matches("_\\d+(_.*)?"));
    }

    /** Returns the environment variable of a setting. */
    static String variable(String name) {
        return name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private boolean isKeyOfMap(String uniform) {
        for (int end = uniform.length() - 1; end > 0; end--) {
            if ((uniform.charAt(end) == '.' || uniform.charAt(end) == '[')
                    && types.getOrDefault(uniform.substring(0, end), "").startsWith(MAP)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the name has a prefix whose settings are all known. */
    boolean own(String name) {
        return OWN.matcher(uniform(name)).lookingAt();
    }

    /** Returns the end of a sentence about an unknown setting: which one was probably meant, if any. */
    String didYouMean(String written) {
        return nearest(written).map("; did you mean %s?"::formatted).orElse(".");
    }

    /** Returns the setting that was probably meant. */
    Optional<String> nearest(String written) {
        String name = FORMER.matcher(written.contains(".") ? written : written.replace('_', '.'))
                .replaceFirst("service.");
        String uniform = uniform(CLIENT.matcher(name).replaceFirst("grpc.client.greeter."));
        int worst = Math.min(uniform.length() - 1, Math.max(TYPING_ERRORS, own(name) ? uniform.length() / 3 : 0));
        boolean whole = name.contains(".");
        return names.entrySet().stream()
                .filter(known -> isSetting(known.getKey()))
                .map(known -> candidate(uniform, known.getKey().replace(ANY_CLIENT, "grpc.client.greeter."), known))
                .filter(candidate -> candidate.errors() <= worst)
                .min(Comparator.comparingInt(Candidate::errors)
                        .thenComparingInt(candidate -> whole ? candidate.left() : 0)
                        .thenComparing(candidate -> !usage.contains("--" + candidate.name() + "="))
                        .thenComparing(candidate -> !own(candidate.name()))
                        .thenComparingInt(candidate -> candidate.name().length()))
                .map(Candidate::name)
                .map(nearest -> ofTheSameClient(name, nearest));
    }

    private static String ofTheSameClient(String written, String nearest) {
        Matcher client = CLIENT.matcher(written);
        return client.lookingAt() ? nearest.replace("grpc.client.greeter.", client.group()) : nearest;
    }

    /**
     * A setting that may have been meant.
     *
     * @param errors number of typing errors in that case
     * @param left number of omitted parts of its name
     */
    private record Candidate(String name, int errors, int left) {}

    /** Counts the typing errors. Parts of a name that were omitted, usually the first ones, are no errors. */
    private Candidate candidate(String written, String uniform, Map.Entry<String, String> known) {
        List<String> parts = Arrays.asList(uniform.split("\\."));
        List<String> words = Arrays.asList(written.split("\\."));
        int left = parts.size() - words.size();
        if (left < 0) {
            return mapKey(words, parts.size(), uniform, known);
        }
        int errors = uniform.startsWith(written) ? 1 : Integer.MAX_VALUE;
        for (int first = 0; first <= left; first++) {
            String some = String.join(".", parts.subList(first, first + words.size()));
            errors = Math.min(errors, editDistance(written, some) + (first < left ? 1 : 0));
        }
        return new Candidate(known.getValue(), errors, left);
    }

    /** Reads the words after the name of a map as its key, which cannot be misspelt. */
    private Candidate mapKey(List<String> words, int parts, String uniform, Map.Entry<String, String> known) {
        int errors = editDistance(String.join(".", words.subList(0, parts)), uniform);
        boolean meant = errors <= TYPING_ERRORS
                && types.getOrDefault(known.getKey(), "").startsWith(MAP);
        String key = String.join(".", words.subList(parts, words.size()));
        return new Candidate(known.getValue() + "." + key, meant ? errors : Integer.MAX_VALUE, 0);
    }

    /** Returns whether the name is that of a property and not of a group. */
    private boolean isSetting(String uniform) {
        String next = names.higherKey(uniform + ".");
        return next == null || !next.startsWith(uniform + ".");
    }

    private static int editDistance(String one, String other) {
        return Math.abs(one.length() - other.length()) > one.length() / 3 + TYPING_ERRORS
                ? one.length()
                : EditDistance.between(one, other);
    }

    /** Returns the name without the index of a list and the rest after it. */
    private static String element(String uniform) {
        return uniform.replaceFirst("\\[\\d+].*$", "");
    }

    /** Returns the name without the differences that relaxed binding ignores. */
    private static String uniform(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
}
