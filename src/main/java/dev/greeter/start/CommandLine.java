package dev.greeter.start;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootVersion;
import org.springframework.core.io.ClassPathResource;

/** Answers {@code --help} and {@code --version}, and refuses unknown options. */
public final class CommandLine {

    private static final Set<String> HELP = Set.of("--help", "-h", "-help", "-?", "/?");
    private static final Set<String> VERSION = Set.of("--version", "-V", "-v", "-version");

    /** The options that Spring Boot accepts without a value. */
    static final Set<String> SWITCHES = Set.of("debug", "trace");

    private CommandLine() {}

    /** The text that is printed instead of a start, and the exit code. */
    public record Answer(String text, int exitCode) {}

    /** Returns the answer of the application of this name if it is not to start with these arguments. */
    public static Optional<Answer> to(String application, String[] arguments) throws IOException {
        int end = Arrays.asList(arguments).indexOf("--");
        List<String> options = Arrays.asList(arguments).subList(0, end < 0 ? arguments.length : end);
        if (options.stream().anyMatch(HELP::contains)) {
            return Optional.of(new Answer(usage(), 0));
        }
        if (options.stream().anyMatch(VERSION::contains)) {
            return Optional.of(new Answer(application + " " + version() + "\n", 0));
        }
        KnownSettings settings = null;
        for (int i = 0; i < options.size(); i++) {
            String option = options.get(i);
            if (option.startsWith("-") || option.contains("=")) {
                settings = settings == null ? KnownSettings.ofClassPath(usage()) : settings;
                String next = i + 1 < options.size() && !options.get(i + 1).startsWith("-") ? options.get(i + 1) : null;
                String problem = problem(option, next, settings);
                if (problem != null) {
                    return Optional.of(new Answer(application + ": " + problem + " --help lists the options.\n", 1));
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable String problem(String option, @Nullable String next, KnownSettings settings) {
        int equals = option.indexOf('=');
        String name = (equals < 0 ? option : option.substring(0, equals)).replaceFirst("^--?", "");
        String value = equals < 0 ? next : option.substring(equals + 1);
        if (!option.startsWith("-")) {
            // A name to greet may contain anything, but not a known setting.
            return settings.know(name) ? "a setting begins with two dashes: --" + option + "." : null;
        }
        if (!option.startsWith("--")) {
            return "unknown option " + option + " (write a name that begins with a dash after --)"
                    + didYouMean(settings.nearest(name.replaceFirst("^D(?=\\w+\\.)", "")), value);
        }
        if (SWITCHES.contains(name)) {
            return null;
        }
        if (name.contains("[") && !name.contains("]")) {
            return "the name of the option " + option + " contains an equals sign, which ends it; set it in a file.";
        }
        if (settings.know(name)) {
            return equals >= 0
                    ? null
                    : "the option " + option + " has no value; write " + option + "="
                            + (value == null ? "VALUE" : value) + ".";
        }
        Optional<String> nearest = settings.nearest(name);
        // It may be a setting of an application that nothing describes, if it is not similar to a known one.
        if (nearest.isEmpty() && name.contains(".") && equals >= 0 && !settings.own(name)) {
            return null;
        }
        return "unknown option --" + name + didYouMean(nearest, value);
    }

    private static String didYouMean(Optional<String> nearest, @Nullable String value) {
        return nearest.map(name -> "; did you mean --" + name + "=" + (value == null ? "VALUE" : value) + "?")
                .orElse(".");
    }

    private static String usage() throws IOException {
        return new ClassPathResource("usage.txt").getContentAsString(StandardCharsets.UTF_8);
    }

    private static String version() {
        String version = CommandLine.class.getPackage().getImplementationVersion();
        return (version == null ? "(development)" : version) + ", Spring Boot " + SpringBootVersion.getVersion()
                + ", Java " + Runtime.version();
    }
}
