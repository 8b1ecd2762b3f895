package dev.greeter.greeting;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The languages of the Greeter, and the choice among them by {@code accept-language}. */
final class Languages {

    /** Headers longer than those of legitimate clients are not read, and at most this many choices are remembered. */
    private static final int MAX_HEADER_LENGTH = 256;

    private static final int MAX_REMEMBERED = 1_000;

    private final Language fallback;
    private final List<Language> all;
    private final Map<String, Language> byTag;
    private final List<Locale> locales;
    private final Map<String, Language> remembered = new ConcurrentHashMap<>();

    /**
     * @param fallback used if no other language matches
     * @param others the other languages, in the order in which {@link #all} lists them
     */
    Languages(Language fallback, List<Language> others) {
        this.fallback = fallback;
        this.all = Stream.concat(Stream.of(fallback), others.stream()).toList();
        this.byTag = all.stream().collect(Collectors.toUnmodifiableMap(Language::tag, language -> language));
        this.locales = all.stream()
                .map(language -> Locale.forLanguageTag(language.tag()))
                .toList();
    }

    Language fallback() {
        return fallback;
    }

    /** Returns every language, the fallback first. */
    List<Language> all() {
        return all;
    }

    /** Returns the best match for an {@code accept-language} value (RFC 9110, section 12.5.4), else the fallback. */
    Language bestMatch(String acceptLanguage) {
        Language known = remembered.get(acceptLanguage);
        if (known != null) {
            return known;
        }
        if (acceptLanguage.length() > MAX_HEADER_LENGTH) {
            return fallback;
        }
        Language match = lookUp(acceptLanguage);
        // A caller that sends a new value with every call pays for parsing it and cannot fill the memory.
        if (remembered.size() < MAX_REMEMBERED) {
            remembered.put(acceptLanguage, match);
        }
        return match;
    }

    private Language lookUp(String acceptLanguage) {
        Locale match = null;
        try {
            // An empty list element is legal (RFC 9110, section 5.6.1), but the JDK refuses it.
            String ranges = Arrays.stream(acceptLanguage.split(","))
                    .map(range -> range.replaceAll("[ \t]", ""))
                    .filter(range -> !range.isEmpty())
                    .collect(Collectors.joining(","));
            if (!ranges.isEmpty()) {
                match = Locale.lookup(Locale.LanguageRange.parse(ranges), locales);
            }
        } catch (IllegalArgumentException unreadable) {
            // An invalid header is no reason to refuse a greeting.
        }
        return language(match);
    }

    private Language language(@Nullable Locale locale) {
        return locale == null ? fallback : byTag.getOrDefault(locale.toLanguageTag(), fallback);
    }
}
