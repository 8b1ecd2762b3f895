package dev.greeter.resilience;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
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
        // Broken connections are expected.
        Logger.getLogger("io.grpc").setLevel(Level.OFF);
        LoggingSystem logging = LoggingSystem.get(ResilienceRun.class.getClassLoader());
        logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.WARN);
        // It cannot stop a database that was killed.
        logging.setLogLevel("io.zonky.test", LogLevel.OFF);
        List<String> arguments = new ArrayList<>(Arrays.asList(args));
        boolean quick = arguments.remove("--quick");
        long minutes = option(arguments, "--minutes").orElse(1);
        long seed = option(arguments, "--seed").orElseGet(() -> new SecureRandom().nextInt(1_000_000));
        List<Scenario> scenarios = new ArrayList<>();
        scenarios.addAll(Restarts.scenarios(quick));
        scenarios.addAll(Overload.scenarios(quick));
        scenarios.addAll(WorkerOverload.scenarios(quick));
        scenarios.add(DataFaults.brief());
        if (!arguments.isEmpty()) {
            // It takes minutes and checks seconds, so it needs a machine that does nothing else.
            scenarios.addAll(DataFaults.scenarios(Duration.ofMinutes(minutes).dividedBy(2), seed));
        }
        scenarios.addAll(Conformance.scenarios());
        scenarios.addAll(SharedConnections.scenarios());
        int passed = 0;
        int failed = 0;
        try (Abuse abuse = new Abuse()) {
            scenarios.addAll(abuse.scenarios());
            scenarios.add(HeapExhaustion.scenario());
            for (Scenario scenario : scenarios) {
                if (arguments.isEmpty() || arguments.stream().anyMatch(scenario.name()::contains)) {
                    if (run(scenario).passed()) {
                        passed++;
                    } else {
                        failed++;
                    }
                }
            }
        }
        System.out.println(passed + " passed, " + failed + " failed");
        // Threads of a scenario that exceeded its time may still run.
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    /** Takes an option with a number, as {@code --minutes=10}, from the arguments. */
    static OptionalLong option(List<String> arguments, String name) {
        List<String> given = arguments.stream()
                .filter(argument -> argument.startsWith(name + "="))
                .toList();
        arguments.removeAll(given);
        return given.stream()
                .mapToLong(argument -> Long.parseLong(argument.substring(name.length() + 1)))
                .findFirst();
    }

    /** Runs a scenario, and prints its result in one line. */
    static Result run(Scenario scenario) throws InterruptedException {
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
        return new Result(passed, line);
    }

    /** Whether the requirement of a scenario holds, and what was seen. */
    record Result(boolean passed, String seen) {}
}
