package dev.greeter.users;

import java.util.Locale;
import java.util.regex.Pattern;

/** An e-mail address that HTML's {@code <input type="email">} accepts, of at most 254 characters. */
record EmailAddress(String value) {

    static final int MAX_LENGTH = 254;

    private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
    private static final Pattern PATTERN =
            Pattern.compile("[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@" + LABEL + "(?:\\." + LABEL + ")*");

    EmailAddress {
        if (value.length() > MAX_LENGTH || !PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException("email: \"" + value + "\"");
        }
    }

    /** Returns the address without its case, equal for addresses that differ only in case. */
    String key() {
        return value.toLowerCase(Locale.ROOT);
    }
}
