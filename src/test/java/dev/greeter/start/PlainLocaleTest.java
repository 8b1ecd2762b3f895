package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PlainLocaleTest {

    @Test
    void argumentsAreReadAsTheyWereWritten() {
        assertThat(written("java\0-jar\0greeter.jar\0Ada\0Zoë 李\0", "Ada", "Zo?? ???"))
                .containsExactly("Ada", "Zoë 李");
        assertThat(written("java\0Zoë 李\0", "Zo\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD"))
                .containsExactly("Zoë 李");
    }

    @Test
    void aQuestionMarkStaysOne() {
        assertThat(written("java\0-jar\0greeter.jar\0why?\0", "why?")).containsExactly("why?");
    }

    @Test
    void argumentsThatStandElsewhereStayAsTheyAre() {
        assertThat(written("java\0@arguments\0", "Zo??")).containsExactly("Zo??");
        assertThat(written("java\0", "a", "b", "c")).containsExactly("a", "b", "c");
    }

    private static String[] written(String commandLine, String... arguments) {
        return PlainLocale.written(arguments, commandLine.getBytes(StandardCharsets.UTF_8));
    }
}
