package dev.greeter.server.call;

/** Text from outside, escaped so that in the log it can neither begin a line nor move the cursor. */
final class LogText {

    private static final int MAX_LENGTH = 200;

    private LogText() {}

    static String of(String text) {
        int length = Math.min(text.length(), MAX_LENGTH);
        for (int i = 0; i < length; i++) {
            if (isUnsafe(text.charAt(i))) {
                return escaped(text, length);
            }
        }
        return text.length() == length ? text : text.substring(0, length) + "...";
    }

    private static String escaped(String text, int length) {
        StringBuilder line = new StringBuilder(length + 16);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (isUnsafe(c)) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return text.length() == length ? line.toString() : line.append("...").toString();
    }

    /** Control characters, line separators, and marks that change the direction of writing. */
    private static boolean isUnsafe(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
