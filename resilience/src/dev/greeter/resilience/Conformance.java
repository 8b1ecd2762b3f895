package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The result of h2spec, if it is installed, for the HTTP/2 of the server. */
final class Conformance {

    /** RATIONALE.md explains each. */
    private static final Set<String> KNOWN = Set.of(
            "1: idle: Sends a DATA frame",
            "2: idle: Sends a RST_STREAM frame",
            "3: idle: Sends a WINDOW_UPDATE frame",
            "2: Sends a RST_STREAM frame on a idle stream",
            "6: half closed (remote): Sends a HEADERS frame",
            "12: closed: Sends a HEADERS frame",
            "2: Sends stream identifier that is numerically smaller than previous",
            "1: Sends a HEADERS frame with empty \":path\" pseudo-header field",
            "2: Sends a HEADERS frame that omits \":method\" pseudo-header field",
            "3: Sends a HEADERS frame that omits \":scheme\" pseudo-header field",
            "4: Sends a HEADERS frame that omits \":path\" pseudo-header field");

    private Conformance() {}

    /** Returns no scenario without h2spec. */
    static List<Scenario> scenarios() {
        try {
            run("--version");
            return List.of(
                    new Scenario("h2spec: no failure without a reason", Duration.ofMinutes(3), Conformance::h2spec));
        } catch (IOException e) {
            System.out.println("SKIP h2spec: it is not on the PATH");
            return List.of();
        }
    }

    private static String h2spec() throws Exception {
        List<String> output;
        try (ServerProcess server = ServerProcess.start(List.of())) {
            output = run("-p", String.valueOf(server.port()), "-P", RawConnection.SAY_HELLO);
        }
        List<String> surprises = new ArrayList<>();
        boolean failures = false;
        for (String line : output) {
            failures |= line.startsWith("Failures:");
            String title = line.trim();
            if (failures && title.startsWith("\u00d7 ") && !KNOWN.contains(title.substring(2))) {
                surprises.add(title.substring(2));
            }
        }
        String summary = output.isEmpty() ? "no output" : output.get(output.size() - 1);
        check(summary.contains(" passed, "), "h2spec did not finish: " + summary);
        check(surprises.isEmpty(), summary + "; not explained: " + surprises);
        return summary;
    }

    private static List<String> run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add(0, "h2spec");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }
}
