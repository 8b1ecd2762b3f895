package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.proto.users.v1.User;
import dev.greeter.resilience.Fault.Effect;
import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** Databases that fail in every way while calls continue: nothing acknowledged may be lost, nothing may get stuck. */
final class DataFaults {

    /** The minimum that even a busy machine does in the time: less would not show rare failures. */
    private static final int CHANGES_PER_SECOND = 20;

    private static final Duration WITHOUT_CHANGES = Duration.ofSeconds(2);

    private static final Duration BRIEFLY = Duration.ofSeconds(12);
    private static final long BRIEF_SEED = 19;

    private final Duration length;
    private final long seed;
    private final Surprises surprises;
    private final Ledger ledger = new Ledger();
    private final long begin = System.nanoTime();

    private DataFaults(Duration length, long seed, Surprises surprises) {
        this.length = length;
        this.seed = seed;
        this.surprises = surprises;
    }

    /** Returns one round of the faults of H2 that judges only what was acknowledged, and no times. */
    static Scenario brief() {
        return new Scenario(
                "acknowledged changes: H2 and its faults",
                Duration.ofMinutes(10),
                () -> new DataFaults(BRIEFLY, BRIEF_SEED, new Surprises(false)).run(EmbeddedStore::new));
    }

    /** @param length how long each database has faults, unless one round of all faults takes longer */
    static List<Scenario> scenarios(Duration length, long seed) {
        return List.of(
                scenario("ledger: H2 and its faults", length, seed, EmbeddedStore::new),
                scenario("ledger: PostgreSQL and its faults", length, seed, PostgresStore::new));
    }

    private static Scenario scenario(String name, Duration length, long seed, Callable<DataStore> store) {
        return new Scenario(
                name,
                length.multipliedBy(2).plus(Duration.ofMinutes(40)),
                () -> new DataFaults(length, seed, new Surprises(true)).run(store));
    }

    private String run(Callable<DataStore> stores) throws Exception {
        Random random = new Random(seed);
        try (DataStore store = stores.call();
                Replicas replicas = new Replicas(store, surprises::report, surprises::reportDelay)) {
            Calls calls = replicas.calls();
            Callers callers = new Callers(calls, ledger, replicas.channel(), random, surprises::report);
            Turns turns = new Turns(calls, replicas);
            List<Fault> faults = new ArrayList<>(store.faults());
            faults.add(new Fault("server frozen", Effect.TROUBLE, () -> replicas.freeze(0), () -> replicas.thaw(0)));
            faults.add(new Fault("server killed", Effect.TROUBLE, () -> replicas.kill(0), () -> replicas.start(0)));
            callers.start();
            turns.calm();
            do {
                Collections.shuffle(faults, random);
                for (Fault fault : faults) {
                    turns.take(fault);
                }
            } while (elapsed().compareTo(length) < 0);
            turns.end();
            callers.stop();
            ledger.verify(everybody(replicas.channel(), calls, ledger));
            String summary =
                    ledger + "; at most " + Replicas.seconds(calls.latest()) + " after a deadline; seed " + seed;
            ledger.quotes().forEach(surprises::report);
            check(surprises.isEmpty(), summary + "; " + surprises);
            return summary;
        }
    }

    /** Returns all users that are stored. */
    static List<User> everybody(Channel channel, Calls calls, Ledger ledger) throws InterruptedException {
        ExportReader reader = new ExportReader(channel, calls, ledger, Duration.ZERO);
        for (int attempt = 0; attempt < 10; attempt++) {
            Optional<List<User>> users = reader.export();
            if (users.isPresent()) {
                return users.get();
            }
            Thread.sleep(1_000);
        }
        throw new AssertionError("The users could not be exported in the end");
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Begins and ends one fault after the other. */
    private final class Turns {

        private final Calls calls;
        private final Replicas replicas;
        private final Duration shortly = length.dividedBy(60);
        private CompletableFuture<Void> restart = CompletableFuture.completedFuture(null);

        Turns(Calls calls, Replicas replicas) {
            this.calls = calls;
            this.replicas = replicas;
        }

        void calm() throws InterruptedException {
            long changes = length.toSeconds() * CHANGES_PER_SECOND;
            long latest = System.nanoTime() + length.toNanos();
            Thread.sleep(length.dividedBy(4).toMillis());
            while (ledger.size() < changes && System.nanoTime() - latest < 0) {
                Thread.sleep(1_000);
            }
            print("no fault", ledger.size() + " changes");
        }

        void take(Fault fault) throws Exception {
            restart.join();
            replicas.startStopped();
            surprises.during(fault.name());
            StringBuilder seen = new StringBuilder();
            fault.begin().run();
            if (fault.effect() == Effect.AWAY || (fault.effect() == Effect.NO_ROOM && awaitRefusals())) {
                replicas.truth(Optional.of(ServingStatus.NOT_SERVING));
                seen.append("NOT_SERVING after ").append(replicas.awaitTruth());
            } else {
                replicas.truth(Optional.empty());
            }
            Thread.sleep(shortly.toMillis());
            int last = replicas.size() - 1;
            if (replicas.runs(last)) {
                seen.append(", SIGTERM obeyed after ").append(replicas.terminate(last));
                restart = CompletableFuture.runAsync(() -> start(last));
                if (last == 0) {
                    restart.join();
                }
            }
            Thread.sleep(shortly.toMillis());
            fault.end().run();
            replicas.truth(Optional.of(ServingStatus.SERVING));
            seen.append(", SERVING after ").append(replicas.awaitTruth());
            Thread.sleep(shortly.toMillis());
            print(fault.name(), seen.toString());
        }

        /** Waits until no change has been made for a while, and returns whether that happened in time. */
        private boolean awaitRefusals() throws InterruptedException {
            replicas.truth(Optional.empty());
            int before = -1;
            for (int i = 0; i < 5 && ledger.size() != before; i++) {
                before = ledger.size();
                Thread.sleep(WITHOUT_CHANGES.toMillis());
            }
            return ledger.size() == before;
        }

        private void start(int server) {
            try {
                replicas.start(server);
            } catch (Exception e) {
                surprises.report("server " + server + ": " + e.getMessage());
            }
        }

        void end() throws Exception {
            restart.join();
            replicas.startStopped();
            surprises.during("the end");
        }

        private void print(String name, String seen) {
            Map<String, Integer> counts = calls.takeCounts();
            System.out.printf(
                    Locale.ROOT,
                    "  %3d s: %s: %s; %s%n",
                    elapsed().toSeconds(),
                    name,
                    seen,
                    counts.entrySet().stream()
                            .map(count -> count.getValue() + " " + count.getKey())
                            .collect(Collectors.joining(", ")));
        }
    }
}
