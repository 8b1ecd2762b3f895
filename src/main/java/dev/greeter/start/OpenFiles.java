package dev.greeter.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Says that the process may open too few files, which the JVM would report as a class that it cannot find. */
public final class OpenFiles {

    /** What the start takes besides the libraries, and a few connections. */
    private static final long NEEDED = 48;

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern LIMIT = Pattern.compile("Max open files +(\\d+)");

    private OpenFiles() {}

    /** Returns what is wrong with the limit, unless it is enough or the platform does not tell. */
    public static Optional<String> problem() {
        // of the image, where each library is a file
        return problem(LIMITS, Path.of(System.getProperty("java.class.path")).resolveSibling("lib"));
    }

    static Optional<String> problem(Path limits, Path libraries) {
        try {
            Matcher limit = LIMIT.matcher(Files.readString(limits));
            if (!limit.find()) {
                return Optional.empty();
            }
            long needed = NEEDED + count(libraries);
            return Long.parseLong(limit.group(1)) < needed
                    ? Optional.of("this process may open " + limit.group(1) + " files, but needs " + needed
                            + " to start. Raise the limit (ulimit -n).")
                    : Optional.empty();
        } catch (IOException | InvalidPathException notLinux) {
            return Optional.empty();
        }
    }

    private static long count(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
