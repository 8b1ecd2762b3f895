package dev.greeter.users;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** A BCP 47 language tag in its canonical form. */
record LanguageTag(String value) {

    // The length that RFC 5646, section 4.4.1, requires to fit.
    static final int MAX_LENGTH = 35;

    private static final Properties PREFERRED = preferred();

    static final LanguageTag DEFAULT = new LanguageTag("en");

    LanguageTag {
        // The Kelvin sign is a k in lower case.
        if (value.isEmpty()
                || value.length() > MAX_LENGTH
                || !CharMatcher.ascii().matchesAllOf(value)) {
            throw new IllegalArgumentException("language: \"" + value + "\"");
        }
        try {
            String canonical = canonical(value);
            if (canonical.length() > MAX_LENGTH) {
                throw new IllegalArgumentException("language: \"" + value + "\"");
            }
            value = canonical;
        } catch (IllformedLocaleException e) {
            throw new IllegalArgumentException("language: \"" + value + "\"", e);
        }
    }

    /** Applies RFC 5646, section 4.5. */
    private static String canonical(String value) {
        String tag = value.toLowerCase(Locale.ROOT);
        String whole = PREFERRED.getProperty("tag." + tag);
        if (whole != null) {
            return whole;
        }
        // Replaces an extended language, and orders the extensions.
        Locale locale = new Locale.Builder().setLanguageTag(tag).build();
        requireNoRepetition(tag);
        return new Locale.Builder()
                .setLocale(locale)
                .setLanguage(preferred("language.", locale.getLanguage()))
                .setRegion(preferred("region.", locale.getCountry()))
                // The only variant with a preferred value, which also replaces the romanization that it refines.
                .setVariant(locale.getVariant().replaceFirst("\\b(hepburn_)?heploc\\b", "alalc97"))
                .build()
                .toLanguageTag();
    }

    /** Refuses a repeated variant or extension: {@link Locale} would omit the second. */
    private static void requireNoRepetition(String tag) {
        Set<String> seen = new HashSet<>();
        boolean extended = false;
        for (String subtag : Splitter.on('-').split(tag)) {
            if (subtag.equals("x")) {
                return;
            }
            extended |= subtag.length() == 1;
            boolean unique = extended ? subtag.length() == 1 : subtag.length() > 3;
            if (unique && !seen.add(subtag)) {
                throw new IllformedLocaleException("\"" + subtag + "\" is repeated");
            }
        }
    }

    private static String preferred(String type, String subtag) {
        return PREFERRED.getProperty(type + subtag.toLowerCase(Locale.ROOT), subtag);
    }

    private static Properties preferred() {
        try {
            return PropertiesLoaderUtils.loadProperties(new ClassPathResource("language-tags.properties"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
