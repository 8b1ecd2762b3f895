package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {

    @TempDir
    private Path directory;

    @Test
    void tooFewAreNamed() throws IOException {
        assertThat(OpenFiles.problem(limits("32"), directory.resolve("none")))
                .hasValue("this process may open 32 files, but needs 48 to start. Raise the limit (ulimit -n).");
    }

    @Test
    void eachLibraryThatIsAFileNeedsOneMore() throws IOException {
        Path libraries = Files.createDirectory(directory.resolve("lib"));
        for (int i = 0; i < 60; i++) {
            Files.createFile(libraries.resolve(i + ".jar"));
        }
        assertThat(OpenFiles.problem(limits("100"), libraries)).get().asString().contains("needs 108");
    }

    @Test
    void enoughAreNoProblem() throws IOException {
        assertThat(OpenFiles.problem(limits("1024"), directory)).isEmpty();
        assertThat(OpenFiles.problem(limits("unlimited"), directory)).isEmpty();
        assertThat(OpenFiles.problem(directory.resolve("none"), directory)).isEmpty();
    }

    private Path limits(String soft) throws IOException {
        return Files.writeString(directory.resolve("limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             63000                63000                processes
                Max open files            %-20s 1048576              files
                """.formatted(soft));
    }
}
