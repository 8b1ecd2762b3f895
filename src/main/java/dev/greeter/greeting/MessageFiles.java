package dev.greeter.greeting;

import dev.greeter.start.SettingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.core.io.support.ResourcePatternResolver;

/**
 * Reads the languages from {@code messages.properties} (English) and the {@code messages_<language>.properties}
 * beside it, and refuses a file that lacks a text.
 */
final class MessageFiles {

    private static final String BASE = "messages.properties";
    private static final Set<String> KEYS =
            Stream.of(Text.values()).map(Text::key).collect(Collectors.toUnmodifiableSet());

    private final ResourcePatternResolver resources;
    private final String folder;

    /** @param folder where the files are, as a Spring resource location that ends with a slash */
    MessageFiles(ResourcePatternResolver resources, String folder) {
        this.resources = resources;
        this.folder = folder;
    }

    Languages read() {
        List<Language> others = new ArrayList<>();
        Language english;
        try {
            Resource base = resources.getResource(folder + BASE);
            english = language(Locale.ENGLISH, base);
            // Relative to the file: a pattern from the root of the class path would only search its first entry.
            String beside = base.getURL().toString().replace(BASE, "messages_*.properties");
            for (Resource file : resources.getResources(beside)) {
                others.add(language(locale(file), file));
            }
        } catch (IOException e) {
            throw problem(folder + BASE, "cannot be read: " + e.getMessage(), e);
        }
        others.sort(Comparator.comparing(Language::tag));
        return new Languages(english, others);
    }

    private static Locale locale(Resource file) {
        String name = String.valueOf(file.getFilename());
        String suffix = name.substring("messages_".length(), name.length() - ".properties".length());
        Locale locale = Locale.forLanguageTag(suffix.replace('_', '-'));
        if (locale.getLanguage().isEmpty()) {
            throw problem(name, "is not named by a BCP 47 language tag", null);
        }
        return locale;
    }

    private static Language language(Locale locale, Resource file) throws IOException {
        Properties texts = PropertiesLoaderUtils.loadProperties(new EncodedResource(file, StandardCharsets.UTF_8));
        String name = String.valueOf(file.getFilename());
        if (!texts.stringPropertyNames().equals(KEYS)) {
            Set<String> missing = new TreeSet<>(KEYS);
            missing.removeAll(texts.stringPropertyNames());
            Set<String> unknown = new TreeSet<>(texts.stringPropertyNames());
            unknown.removeAll(KEYS);
            throw problem(name, "lacks the keys " + missing + " and has unknown keys " + unknown, null);
        }
        Map<Text, Phrase> phrases = new EnumMap<>(Text.class);
        for (Text text : Text.values()) {
            phrases.put(text, phrase(name, text.key(), texts.getProperty(text.key())));
        }
        return new Language(locale, phrases);
    }

    private static Phrase phrase(String file, String key, @Nullable String pattern) {
        try {
            return Phrase.parse(String.valueOf(pattern));
        } catch (IllegalArgumentException e) {
            throw problem(file, "has an invalid text: " + key + " " + e.getMessage(), e);
        }
    }

    private static SettingException problem(String file, String problem, @Nullable Throwable cause) {
        return new SettingException(
                file + " " + problem,
                "Give the file the same keys as messages.properties, each with {0} exactly once.",
                cause);
    }
}
