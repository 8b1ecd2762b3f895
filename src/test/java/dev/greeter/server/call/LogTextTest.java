package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {

    @Test
    void ordinaryTextOfAnyLanguageStaysAsItIs() {
        assertThat(LogText.of("Grüße, 世界")).isEqualTo("Grüße, 世界");
    }

    @Test
    void nothingBeginsAnotherLineOrMovesTheCursor() {
        assertThat(LogText.of("a\r\nINFO b\u001b[2J\u2028\u202ec"))
                .isEqualTo("a\\u000d\\u000aINFO b\\u001b[2J\\u2028\\u202ec");
    }

    @Test
    void whatIsTooLongIsCut() {
        assertThat(LogText.of("x".repeat(10_000))).hasSize(203).endsWith("x...");
    }
}
