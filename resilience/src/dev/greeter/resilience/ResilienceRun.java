package dev.greeter.resilience;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/** Runs every scenario, or those whose names contain an argument, and prints one line for each. */
final class ResilienceRun {

    private ResilienceRun() {}

    public static void main(String[] args) throws Exception {
        // Broken connections are what this is about.
        Logger.getLogger("io.grpc").setLevel(Level.OFF);
        LoggingSystem.get(ResilienceRun.class.getClassLoader())
                .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        boolean quick = arguments.remove("--quick");
        List<Scenario> scenarios = new ArrayList<>();
        scenarios.addAll(Restarts.scenarios(quick));
        scenarios.addAll(Overload.scenarios(quick));
        scenarios.addAll(WorkerOverload.scenarios(quick));
        scenarios.addAll(Conformance.scenarios());
        int passed = 0;
        int failed = 0;
        try (Abuse abuse = new Abuse()) {
            scenarios.addAll(abuse.scenarios());
            scenarios.add(HeapExhaustion.scenario());
            for (Scenario scenario : scenarios) {
                if (arguments.isEmpty() || arguments.stream().anyMatch(scenario.name()::contains)) {
                    if (run(scenario)) {
                        passed++;
                    } else {
                        failed++;
                    }
                }
            }
        }
        System.out.println(passed + " passed, " + failed + " failed");
        // Threads of a scenario that ran out of time are still there.
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static boolean run(Scenario scenario) throws InterruptedException {
        long begin = System.nanoTime();
        ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, scenario.name());
            thread.setDaemon(true);
            return thread;
        });
        Future<String> result = executor.submit((Callable<String>) scenario.body()::run);
        String line;
        boolean passed = false;
        try {
            line = result.get(scenario.limit().toMillis(), TimeUnit.MILLISECONDS);
            passed = true;
        } catch (TimeoutException e) {
            line = "not done after " + scenario.limit().toSeconds() + " s";
        } catch (ExecutionException e) {
            line = e.getCause() instanceof AssertionError
                    ? e.getCause().getMessage()
                    : e.getCause().toString();
        } finally {
            executor.shutdownNow();
        }
        double seconds = Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000.0;
        System.out.printf(
                Locale.ROOT, "%s %s (%.1f s): %s%n", passed ? "PASS" : "FAIL", scenario.name(), seconds, line);
        return passed;
    }
}
