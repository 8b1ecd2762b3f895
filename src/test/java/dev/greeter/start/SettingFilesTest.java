package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.FileUrlResource;

/** A file of settings that cannot be read is named, with the place of the fault. */
class SettingFilesTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a.yml        | grpc:\\n\\tserver: x | line 2, column 1: found character
                    a.yaml       | grpc: a: b          | line 1, column 8: mapping values are not allowed here
                    a.yml        | a: 1\\na: 3        | line 2, column 1: found duplicate key a
                    a.yml        | a: [1               | line 1, column 6: expected
                    a.yml        | a: @b               | line 1, column 4
                    a.yml        | text                | a document has no names of settings
                    a.yml        | - a                 | a document has no names of settings
                    a.properties | a=\\u12            | Malformed
                    """)
    void aFaultIsNamedWithItsFile(String file, String text, String problem) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, text.replace("\\n", "\n").replace("\\t", "\t"));

        assertThatThrownBy(() -> new SettingFiles().load("settings", new FileSystemResource(path)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining(problem);
    }

    @Test
    void bytesThatAreNoUtf8AreNamedWithTheirFile() throws IOException {
        Path path = folder.resolve("a.yml");
        Files.write(path, "a: é".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> new SettingFiles().load("settings", new FileSystemResource(path)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining("it is not in UTF-8");
    }

    @Test
    void aFolderIsNoFile() throws IOException {
        Path path = Files.createDirectory(folder.resolve("a.yml"));

        assertThatThrownBy(() -> new SettingFiles()
                        .load("settings", new FileUrlResource(path.toUri().toURL())))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(path + " cannot be read: it is a folder");
    }

    @Test
    void whatSpringBootReadsIsRead() throws IOException {
        Path path = folder.resolve("a.yml");
        Files.writeString(path, "a.b: 1\n---\na.b: 2\n");

        assertThat(new SettingFiles().load("settings", new FileSystemResource(path)))
                .hasSize(2)
                .first()
                .satisfies(source -> assertThat(source.getProperty("a.b")).isEqualTo(1));
    }
}
