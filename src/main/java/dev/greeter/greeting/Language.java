package dev.greeter.greeting;

import java.util.Locale;
import java.util.Map;

/** A language of the Greeter, by its BCP 47 tag, with its phrases. */
record Language(String tag, Map<Text, Phrase> phrases) {

    Language(Locale locale, Map<Text, Phrase> phrases) {
        this(locale.toLanguageTag(), phrases);
    }

    String greet(String name) {
        return say(Text.GREETING, name);
    }

    @SuppressWarnings("NullAway") // MessageFiles gives every language a phrase for every text
    String say(Text text, String value) {
        return phrases.get(text).with(value);
    }
}
