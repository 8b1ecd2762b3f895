package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

/** Settings of the log that cannot be used are named before there is a log. */
class LogSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "logging.config, /missing.xml, there is no such file",
        "logging.config, /, there is no such file",
        "logging.structured.format.console, yaml, there is no such format",
        "logging.structured.format.file, yaml, there is no such format",
        "logging.pattern.console, %nope{, pattern",
        "logging.file.name, /proc/nope/x.log, it cannot be written to",
        "logging.file.path, /proc/nope, it cannot be written to",
        "logging.file.name, /tmp, it cannot be written to",
        "logging.file.name, /proc/x.log, it cannot be written to",
        "logging.file.name, /, it cannot be written to",
        "logging.charset.console, utf-88, there is no such charset",
        "logging.charset.file, ?, there is no such charset",
        "logging.threshold.console, loud, there is no such level",
        "logging.logback.rollingpolicy.max-file-size, x, it is no size",
        "logging.logback.rollingpolicy.file-name-pattern, x.%d, it needs both %d and %i"
    })
    void whatCannotBeUsedIsNamed(String name, String value, String problem) {
        assertThatThrownBy(() -> LogSettings.check(new MockEnvironment().withProperty(name, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(name + " is \"" + value + "\": ")
                .hasMessageContaining(problem)
                .hasMessageEndingWith("\n    " + name + ": mockProperties");
    }

    @Test
    void whatCanBeUsedIsAccepted(@TempDir Path folder) {
        MockEnvironment settings = new MockEnvironment()
                .withProperty("logging.config", "classpath:application.yml")
                .withProperty("logging.structured.format.console", "ECS")
                .withProperty("logging.pattern.console", "%d{HH:mm} %m%n")
                .withProperty("logging.charset.console", "UTF-8")
                .withProperty("logging.threshold.file", "warn")
                .withProperty("logging.logback.rollingpolicy.max-file-size", "10 KB")
                .withProperty("logging.logback.rollingpolicy.total-size-cap", "1GB")
                .withProperty("logging.logback.rollingpolicy.file-name-pattern", "x.%d{yyyy-MM-dd}.%i.gz")
                .withProperty("logging.file.name", folder.resolve("new/x.log").toString())
                .withProperty("logging.file.path", folder.toString());

        assertThatCode(() -> LogSettings.check(settings)).doesNotThrowAnyException();
    }
}
