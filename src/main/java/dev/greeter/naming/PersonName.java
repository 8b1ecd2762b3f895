package dev.greeter.naming;

import org.jspecify.annotations.Nullable;

/** A name that can be greeted and stored: 1 to 256 code points, not only white space, no control characters. */
public record PersonName(String value) {

    public static final int MAX_CODE_POINTS = 256;

    public PersonName {
        Problem problem = Problem.of(value);
        if (problem != null) {
            throw new IllegalArgumentException("name: " + problem);
        }
    }

    /** What can be wrong with a name. */
    public enum Problem {
        BLANK,
        TOO_LONG,
        CONTROL_CHARACTER;

        /** Returns what is wrong with the name, or null if nothing is. */
        public static @Nullable Problem of(String name) {
            if (name.isBlank()) {
                return BLANK;
            }
            if (name.length() > MAX_CODE_POINTS && name.codePointCount(0, name.length()) > MAX_CODE_POINTS) {
                return TOO_LONG;
            }
            for (int i = 0; i < name.length(); ) {
                int codePoint = name.codePointAt(i);
                if (breaksLines(codePoint)) {
                    return CONTROL_CHARACTER;
                }
                i += Character.charCount(codePoint);
            }
            return null;
        }

        private static boolean breaksLines(int codePoint) {
            return switch (Character.getType(codePoint)) {
                case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                    true;
                default -> false;
            };
        }
    }
}
