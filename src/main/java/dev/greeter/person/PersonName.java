package dev.greeter.person;

import java.util.EnumSet;
import java.util.Set;
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

    /** A reason why a name is invalid. */
    public enum Problem {
        BLANK,
        TOO_LONG,
        CONTROL_CHARACTER;

        /** Returns the first problem of the name, or null if it is valid. */
        public static @Nullable Problem of(String name) {
            if (isBlank(name)) {
                return BLANK;
            }
            return isTooLong(name) ? TOO_LONG : ofCharacters(name);
        }

        /** Returns all problems of the name. */
        public static Set<Problem> allOf(String name) {
            Set<Problem> problems = EnumSet.noneOf(Problem.class);
            if (isBlank(name)) {
                problems.add(BLANK);
            }
            if (isTooLong(name)) {
                problems.add(TOO_LONG);
            }
            Problem characters = ofCharacters(name);
            if (characters != null) {
                problems.add(characters);
            }
            return problems;
        }

        /** Returns whether all characters are White_Space in Unicode, from which {@link String#isBlank} differs. */
        private static boolean isBlank(String name) {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (!Character.isSpaceChar(c) && (c < '\t' || c > '\r') && c != '\u0085') {
                    return false;
                }
            }
            return true;
        }

        private static boolean isTooLong(String name) {
            int length = name.length();
            return length > MAX_CODE_POINTS && name.codePointCount(0, length) > MAX_CODE_POINTS;
        }

        private static @Nullable Problem ofCharacters(String name) {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c < ' ' || c > '~') {
                    return ofUnusual(name, i);
                }
            }
            return null;
        }

        /** Separate from the loop over the usual characters, which the JVM can unroll only without steps over pairs. */
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

        /** Unicode's categories Cc, Zl and Zp, which never change. */
        private static boolean breaksLines(char c) {
            return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
        }
    }
}
