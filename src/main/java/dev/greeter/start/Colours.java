package dev.greeter.start;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.ansi.AnsiColor;
import org.springframework.boot.ansi.AnsiOutput;

/** Removes the colours of a log that is written to no terminal: to leave them out line by line takes as long as a line. */
final class Colours {

    private static final String BEGIN = "%clr(";
    private static final Pattern OPTION = Pattern.compile("\\{[^}]*}");

    private Colours() {}

    static void removeFrom(Appender<?> log) {
        if (log instanceof OutputStreamAppender<?> stream
                && stream.getEncoder() instanceof PatternLayoutEncoder encoder
                && !areShown()) {
            encoder.stop();
            encoder.setPattern(removeFrom(encoder.getPattern()));
            encoder.start();
        }
    }

    private static boolean areShown() {
        return AnsiOutput.toString(AnsiColor.RED, "red").length() > "red".length();
    }

    /** Replaces each {@code %clr(text){colour}} by its text; a pattern that ends within one stays as it is. */
    static String removeFrom(String pattern) {
        int begin = pattern.indexOf(BEGIN);
        if (begin < 0) {
            return pattern;
        }
        int end = end(pattern, begin + BEGIN.length());
        if (end < 0) {
            return pattern;
        }
        String text = pattern.substring(begin + BEGIN.length(), end);
        Matcher option = OPTION.matcher(pattern).region(end + 1, pattern.length());
        String rest = pattern.substring(option.lookingAt() ? option.end() : end + 1);
        return pattern.substring(0, begin) + removeFrom(text) + removeFrom(rest);
    }

    /** Returns the index of the parenthesis that ends the text, or -1. */
    private static int end(String pattern, int from) {
        int depth = 1;
        for (int i = from; i < pattern.length(); i++) {
            switch (pattern.charAt(i)) {
                case '\\' -> i++;
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }
}
