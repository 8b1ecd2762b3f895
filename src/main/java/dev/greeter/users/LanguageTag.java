package dev.greeter.users;

import java.util.IllformedLocaleException;
import java.util.Locale;

/** A BCP 47 language tag in its canonical form. */
record LanguageTag(String value) {

    static final LanguageTag DEFAULT = new LanguageTag("en");
    // What RFC 5646, section 4.4.1, says has to fit.
    static final int MAX_LENGTH = 35;

    LanguageTag {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("language: \"" + value + "\"");
        }
        try {
            value = new Locale.Builder().setLanguageTag(value).build().toLanguageTag();
        } catch (IllformedLocaleException e) {
            throw new IllegalArgumentException("language: \"" + value + "\"", e);
        }
    }
}
