package dev.greeter.person;

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
            int length = name.length();
            if (length > MAX_CODE_POINTS && name.codePointCount(0, length) > MAX_CODE_POINTS) {
                return TOO_LONG;
            }
            for (int i = 0; i < length; i++) {
                char c = name.charAt(i);
                if (c < ' ' || c > '~') {
                    return ofUnusual(name, i);
                }
            }
            return null;
        }

        /** Apart from the loop over the usual characters, which the JVM can unroll only as no pair is stepped over. */
        private static @Nullable Problem ofUnusual(String name, int start) {
            for (int i = start; i < name.length(); i++) {
                char c = name.charAt(i);
                if (Character.isSurrogate(c)) {
                    boolean pair = i + 1 < name.length() && Character.isSurrogatePair(c, name.charAt(i + 1));
                    if (!pair) {
                        return CONTROL_CHARACTER;
                    }
                    i++;
                } else if (breaksLines(c)) {
                    return CONTROL_CHARACTER;
                }
            }
            return null;
        }

        /** The categories Cc, Zl and Zp of Unicode, which it never changes. */
        private static boolean breaksLines(char c) {
            return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
        }
    }
}
