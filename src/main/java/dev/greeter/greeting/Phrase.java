package dev.greeter.greeting;

import java.text.MessageFormat;

/** A text with one placeholder, parsed once: to fill it needs a concatenation and no {@link MessageFormat}. */
record Phrase(String before, String after) {

    // A private-use character, so that no text contains it.
    private static final String HOLE = "\uE000";

    /**
     * Parses a {@link MessageFormat} pattern that uses {@code {0}} exactly once and nothing else.
     *
     * @throws IllegalArgumentException if it does not
     */
    static Phrase parse(String pattern) {
        MessageFormat format = new MessageFormat(pattern);
        String text = format.format(new Object[] {HOLE});
        int hole = text.indexOf(HOLE);
        if (hole < 0 || hole != text.lastIndexOf(HOLE) || format.getFormatsByArgumentIndex().length != 1) {
            throw new IllegalArgumentException("must use {0} exactly once, but is \"" + pattern + "\"");
        }
        return new Phrase(text.substring(0, hole), text.substring(hole + HOLE.length()));
    }

    String with(String value) {
        return before + value + after;
    }
}
