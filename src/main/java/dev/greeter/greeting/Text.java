package dev.greeter.greeting;

import java.util.Locale;

/** The texts of the Greeter; each has a phrase in every {@code messages*.properties}. */
enum Text {
    GREETING,
    NAME_BLANK,
    NAME_TOO_LONG,
    NAME_CONTROL_CHARACTER,
    NAMES_NONE,
    NAMES_TOO_MANY,
    NAMES_TOO_LONG;

    /** Returns the key of the phrase in the message files: {@code NAME_TOO_LONG} is {@code name-too-long}. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
