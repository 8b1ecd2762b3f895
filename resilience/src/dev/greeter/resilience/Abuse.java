package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.test.RawConnection;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One small server, a series of attacks on it, and beside each an honest caller that must not notice. */
final class Abuse implements AutoCloseable {

    /** The memory limit of a JVM with a heap of 256 MiB: as much again for direct buffers, and its code and threads. */
    private static final long MEMORY_LIMIT = 640;

    /** Each status of each method has its own meter; an invented name must not. */
    private static final int MORE_METERS = 1_000;

    private static final List<String> JVM = List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError");

    private static final Duration BEARABLE = Duration.ofSeconds(1);

    private ServerProcess server;

    /** Attacks the server and returns how it refused the attack; throws if it refused wrongly. */
    interface Attack {
        Seen on(ServerProcess server) throws Exception;
    }

    /** The number of connections of the attack, each of which may cost one line of log, and its outcome. */
    record Seen(int connections, String outcome) {}

    List<Scenario> scenarios() {
        List<Scenario> scenarios = new ArrayList<>();
        new Floods(ServerProcess::port).attacks().forEach((name, attack) -> scenarios.add(scenario(name, attack)));
        Stalls.attacks().forEach((name, attack) -> scenarios.add(scenario(name, attack)));
        Malformed.attacks().forEach((name, attack) -> scenarios.add(scenario(name, attack)));
        new Floods(ServerProcess::webPort)
                .attacks()
                .forEach((name, attack) -> scenarios.add(scenario("web: " + name, attack)));
        WebAbuse.attacks().forEach((name, attack) -> scenarios.add(scenario("web: " + name, attack)));
        return scenarios;
    }

    private Scenario scenario(String name, Attack attack) {
        return new Scenario("abuse: " + name, Duration.ofMinutes(5), () -> run(attack));
    }

    private String run(Attack attack) throws Exception {
        if (server == null || !server.alive()) {
            server = ServerProcess.start(JVM);
            // The just-in-time compiler's work must not be attributed to the attack.
            calm();
        }
        long before = server.logSize();
        long meters = meters();
        Seen seen;
        HonestCaller.Summary honest;
        long memory;
        try (HonestCaller caller = HonestCaller.beside(server)) {
            try {
                seen = attack.on(server);
                check(server.alive(), "the server died");
                memory = server.residentMemory();
            } finally {
                RawConnection.closeAll();
            }
            caller.awaitMore(50);
            honest = caller.stop();
        }
        String outcome = seen.outcome() + "; honest caller: " + honest + "; " + memory + " MiB";
        check(server.alive(), "the server died: " + outcome);
        check(honest.failed() == 0, "the honest caller noticed: " + outcome);
        if (honest.p99().compareTo(BEARABLE) > 0) {
            check(honest.p99().compareTo(calm().multipliedBy(5)) < 0, "the honest caller waited: " + outcome);
        }
        check(memory < MEMORY_LIMIT, "too much memory: " + outcome);
        List<String> logged = server.logAfter(before);
        check(
                logged.stream().noneMatch(line -> line.startsWith("\tat ") || line.startsWith("Caused by")),
                "a stack trace in the log: " + outcome + first(logged));
        check(
                logged.size() <= seen.connections(),
                logged.size() + " lines in the log for " + seen.connections() + " connections: " + outcome
                        + first(logged));
        long more = meters() - meters;
        check(more < MORE_METERS, more + " more lines of metrics: " + outcome);
        return outcome;
    }

    private static String first(List<String> lines) {
        return lines.stream().limit(3).reduce("", (text, line) -> text + "\n    " + line);
    }

    /** Returns how long a caller waits without an attack: long, if the machine is busy with something else. */
    private Duration calm() throws InterruptedException {
        try (HonestCaller caller = HonestCaller.beside(server)) {
            caller.awaitMore(300);
            return caller.stop().p99();
        }
    }

    /** Returns the lines of metrics that the server exports. */
    private long meters() throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.managementPort() + "/actuator/prometheus");
        try {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
    }
}
