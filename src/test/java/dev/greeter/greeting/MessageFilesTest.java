package dev.greeter.greeting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.start.SettingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** The message files: those of the application, and those that are refused. */
class MessageFilesTest {

    @TempDir
    private Path folder;

    @Test
    void everyFileHasTheSameKeysAndUsesItsHoleOnce() {
        // Reading checks both; a file that breaks the rule would throw.
        Languages languages = new MessageFiles(new PathMatchingResourcePatternResolver(), "classpath:").read();
        assertThat(languages.all())
                .extracting(Language::tag)
                .hasSizeGreaterThanOrEqualTo(12)
                .contains("en", "ar", "he", "zh", "ja");
    }

    @Test
    void addingALanguageIsAddingAFile() throws IOException {
        write("messages.properties", english());
        write("messages_eo.properties", english().replace("Hello", "Saluton"));
        Languages languages = read();
        assertThat(languages.bestMatch("eo").greet("Ada")).isEqualTo("Saluton, Ada!");
    }

    @Test
    void aFileThatLacksAKeyIsNamedWithTheKey() throws IOException {
        write("messages.properties", english());
        write("messages_eo.properties", english().replace("name-blank=", "name-blanc="));
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(this::read)
                .withMessage("messages_eo.properties lacks the keys [name-blank] and has unknown keys [name-blanc]");
    }

    @Test
    void aTextWithoutItsHoleIsNamed() throws IOException {
        write("messages.properties", english().replace("Hello, {0}", "Hello, you"));
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(this::read)
                .withMessageContaining("messages.properties has an invalid text: greeting must use {0} exactly once");
    }

    @Test
    void aFileNotNamedAfterALanguageIsRefused() throws IOException {
        write("messages.properties", english());
        write("messages_1.properties", english());
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(this::read)
                .withMessageContaining("messages_1.properties");
    }

    private static String english() {
        return Stream.of(Text.values())
                .map(text -> text.key() + "=" + (text == Text.GREETING ? "Hello, {0}!" : "{0}"))
                .collect(Collectors.joining("\n"));
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), content);
    }

    private Languages read() {
        return new MessageFiles(
                        new PathMatchingResourcePatternResolver(),
                        folder.toUri().toString())
                .read();
    }
}
