package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.JarProcess;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the packaged application reads files of settings. */
class JarFolderIT {

    @ParameterizedTest
    @ValueSource(strings = {"app", "Zoë's apps, 50%41; #1 ${b}"})
    void filesBesideTheJarAreReadAndThoseOfTheWorkingDirectoryComeFirst(String app) {
        Map<String, String> files = Map.of(
                app + "/application.yml",
                settings("beside", "beside", "beside", "beside"),
                app + "/config/application.yml",
                settings("beside/config", "beside/config", "beside/config"),
                "application.yml",
                settings("working", "working"),
                "config/application.yml",
                settings("working/config"));

        try (JarProcess process = JarProcess.installed(app, files, "--grpc.server.address=${a}, ${b}, ${c}, ${d}")) {
            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.output()).contains("\"working/config, working, beside/config, beside\"");
        }
    }

    /** Sets a to the first value, b to the second, and so on. */
    private static String settings(String... values) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            text.append((char) ('a' + i)).append(": ").append(values[i]).append('\n');
        }
        return text.toString();
    }
}
