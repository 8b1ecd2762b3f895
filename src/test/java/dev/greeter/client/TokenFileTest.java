package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token in a file. */
class TokenFileTest {

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("token");
        Files.writeString(file, "first\n");
    }

    @Test
    void isReadWithoutTheLineBreakBehindIt() throws IOException {
        assertThat(new TokenFile(file).read()).isEqualTo("first");
    }

    @Test
    void isReadAgainWhenItChanges() throws IOException {
        TokenFile token = new TokenFile(file);
        token.read();
        Files.writeString(file, "again\n");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(token.read()).isEqualTo("again");
    }

    @Test
    void isReadAgainWhenALinkToItChanges() throws IOException {
        Path next = Files.writeString(directory.resolve("next"), "another\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        TokenFile token = new TokenFile(link);
        token.read();
        Files.delete(link);
        Files.createSymbolicLink(link, next);
        assertThat(token.read()).isEqualTo("another");
    }

    @Test
    void thatHoldsNoTokenFailsWithoutItsContent() throws IOException {
        Files.writeString(file, "two words\r\nforged");
        assertThatThrownBy(() -> new TokenFile(file).read())
                .isInstanceOf(IOException.class)
                .hasMessage("it has characters that no token has");
        Files.writeString(file, " \n");
        assertThatThrownBy(() -> new TokenFile(file).read()).hasMessage("it is empty");
    }

    @Test
    void thatIsMissingFails() {
        assertThatThrownBy(() -> new TokenFile(directory.resolve("missing")).read())
                .isInstanceOf(NoSuchFileException.class);
    }
}
