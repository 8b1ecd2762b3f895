package dev.greeter.resilience;

import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** All concurrent callers of the servers of a database, each on its own thread. */
final class Callers implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String EXPORT_READER = "export reader";

    private final Consumer<String> surprises;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    private Callers(Consumer<String> surprises) {
        this.surprises = surprises;
    }

    /** Returns a few callers, for a database that is slower than one on the same machine. */
    static Callers few(Calls calls, Ledger ledger, Random random, Consumer<String> surprises) {
        Callers callers = new Callers(surprises);
        List<UserHistory> contested = List.of(ledger.newUser());
        callers.add(4, "writer", 20, () -> new Writer(calls, ledger, contested, random(random), false));
        callers.add(1, "hasty writer", 20, () -> new Writer(calls, ledger, contested, random(random), true));
        callers.add(1, "stale writer", 20, () -> new StaleWriter(calls, contested, random(random)));
        callers.add(1, "listing reader", 20, () -> new ListingReader(calls, ledger, random(random)));
        callers.add(1, "greeter", 20, () -> calls::greet);
        return callers;
    }

    Callers(Calls calls, Ledger ledger, Channel channel, Random random, Consumer<String> surprises) {
        this(surprises);
        List<UserHistory> contested = Stream.generate(ledger::newUser).limit(3).toList();
        add(4, "writer", 2, () -> new Writer(calls, ledger, contested, random(random), false));
        add(3, "hasty writer", 5, () -> new Writer(calls, ledger, contested, random(random), true));
        add(6, "stale writer", 2, () -> new StaleWriter(calls, contested, random(random)));
        add(1, "importer", 1_000, () -> new OpposedImports(calls, ledger, 1_000, surprises));
        add(1, "listing reader", 2, () -> new ListingReader(calls, ledger, random(random)));
        add(1, "greeter", 20, () -> calls::greet);
        add(1, EXPORT_READER, 1_000, () -> new ExportReader(channel, calls, ledger, Duration.ofMillis(3)));
    }

    private static Random random(Random random) {
        return new Random(random.nextLong());
    }

    private void add(int number, String name, int pause, Supplier<Caller> caller) {
        for (int i = 0; i < number; i++) {
            Caller one = caller.get();
            Thread thread = new Thread(() -> call(one, pause), name);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void call(Caller caller, int pause) {
        while (!stopped) {
            try {
                boolean clear = caller.call();
                Thread.sleep(clear ? pause : Math.max(pause, 50));
            } catch (InterruptedException e) {
                return;
            } catch (Exception | AssertionError e) {
                surprises.accept(Thread.currentThread().getName() + ": " + e);
                return;
            }
        }
    }

    /** Lets all callers learn the outcome of their last calls, except those that read for long. */
    void stop() throws InterruptedException {
        stopped = true;
        long limit = System.nanoTime() + PATIENCE.toNanos();
        for (Thread thread : threads) {
            if (!thread.getName().equals(EXPORT_READER)) {
                thread.join(Math.max(1, (limit - System.nanoTime()) / 1_000_000));
                if (thread.isAlive()) {
                    surprises.accept("the " + thread.getName() + " has not come back");
                }
            }
        }
        close();
    }

    /** Ends the calls of all callers, whatever their outcome. */
    @Override
    public void close() {
        stopped = true;
        threads.forEach(Thread::interrupt);
    }
}
