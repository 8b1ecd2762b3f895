package dev.greeter.resilience;

import dev.greeter.resilience.ResilienceRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/** Starts the cluster, runs every scenario, or those whose names contain an argument, and prints one line for each. */
final class ClusterRun {

    private static final long CALLS = 100_000;

    private static final Path PAGE = Path.of("docs", "cluster.md");

    private ClusterRun() {}

    public static void main(String[] args) throws Exception {
        // Broken connections are expected.
        Logger.getLogger("io.grpc").setLevel(Level.OFF);
        LoggingSystem.get(ClusterRun.class.getClassLoader()).setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
        List<String> names = new ArrayList<>(Arrays.asList(args));
        int calls = Math.toIntExact(ResilienceRun.option(names, "--calls").orElse(CALLS));
        boolean write = names.remove("--write");
        long begin = System.nanoTime();
        Cluster cluster = new Cluster();
        System.out.printf(
                "The cluster of %d servers and %d databases has started after %d s%n",
                cluster.size(), cluster.databases().size(), (System.nanoTime() - begin) / 1_000_000_000);
        if (names.remove("scale")) {
            String costs = Scale.measure(cluster);
            if (write) {
                write("scale", costs);
            }
            System.exit(0);
        }
        List<Scenario> scenarios = new ArrayList<>();
        scenarios.addAll(ClusterFaults.scenarios(cluster));
        scenarios.addAll(ServerFaults.scenarios(cluster));
        scenarios.addAll(RollingUpdates.scenarios(cluster, calls));
        scenarios.removeIf(scenario -> !names.isEmpty() && names.stream().noneMatch(scenario.name()::contains));
        int passed = 0;
        StringBuilder table = new StringBuilder("| scenario | seen |\n|---|---|\n");
        for (Scenario scenario : scenarios) {
            Result result = ResilienceRun.run(scenario);
            passed += result.passed() ? 1 : 0;
            table.append("| ")
                    .append(scenario.name())
                    .append(" | ")
                    .append(result.seen())
                    .append(" |\n");
        }
        int failed = scenarios.size() - passed;
        if (write && failed == 0) {
            write("results", table.toString());
        }
        System.out.println(passed + " passed, " + failed + " failed");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static void write(String mark, String table) throws IOException {
        String page = Files.readString(PAGE);
        String begin = "<!-- " + mark + ":begin -->\n";
        int from = page.indexOf(begin) + begin.length();
        Files.writeString(
                PAGE, page.substring(0, from) + table + page.substring(page.indexOf("<!-- " + mark + ":end -->")));
    }
}
