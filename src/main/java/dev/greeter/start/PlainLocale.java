package dev.greeter.start;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads and writes UTF-8 on a terminal whose locale is ASCII, as with {@code LC_ALL=C} and in many containers. */
public final class PlainLocale {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private static final String BEYOND_ASCII = "[^\\x00-\\x7F]";

    private PlainLocale() {}

    /** Sets up the standard streams and returns the arguments as they were written. */
    public static String[] utf8(String[] arguments) {
        if (!StandardCharsets.US_ASCII.equals(Charset.forName(System.getProperty("native.encoding", "UTF-8")))) {
            return arguments;
        }
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        if (System.getProperty("logging.charset.console") == null) {
            System.setProperty("logging.charset.console", "UTF-8");
        }
        try {
            return written(arguments, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException notLinux) {
            return arguments;
        }
    }

    /** Restores in the arguments the bytes beyond ASCII, which the JVM has replaced, from the command line. */
    static String[] written(String[] arguments, byte[] commandLine) {
        String[] words = new String(commandLine, StandardCharsets.ISO_8859_1).split("\0", -1);
        // The last one is empty, because each word ends with a zero.
        int first = words.length - 1 - arguments.length;
        String[] written = arguments.clone();
        for (int i = 0; i < arguments.length && first >= 0; i++) {
            String word = words[first + i];
            if (arguments[i].replaceAll(BEYOND_ASCII, "?").equals(word.replaceAll(BEYOND_ASCII, "?"))) {
                written[i] = new String(word.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            }
        }
        return written;
    }
}
