package dev.greeter.resilience;

import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.ServerProcess.Stop;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The servers of a database, each with an observer of its health. */
final class Replicas implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(3);
    /** The time for the end after the calls: a pool that waits for a login, the JVM. */
    private static final Duration STOP_LIMIT = GRACE.plusSeconds(10);

    private static final List<String> JVM = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

    private final List<String> launcher;
    private final String[] settings;
    private final Consumer<String> surprises;
    private final Consumer<String> delays;
    private final int[] ports;
    private final ServerProcess[] servers;
    private final HealthObserver[] observers;
    private final boolean[] frozen;
    private final ManagedChannel channel;
    private final Calls calls;
    private Optional<ServingStatus> truth = Optional.of(ServingStatus.SERVING);

    Replicas(DataStore store, Consumer<String> surprises, Consumer<String> delays) throws Exception {
        this.surprises = surprises;
        this.delays = delays;
        launcher = store.launcher();
        settings = settings(store);
        ports = new int[store.servers()];
        servers = new ServerProcess[ports.length];
        observers = new HealthObserver[ports.length];
        frozen = new boolean[ports.length];
        for (int i = 0; i < ports.length; i++) {
            start(i);
            ports[i] = servers[i].port();
        }
        channel = Restarts.roundRobin(ports).disableRetry().build();
        calls = new Calls(channel, surprises, delays);
    }

    /** Returns the calls to all of them. */
    Calls calls() {
        return calls;
    }

    private long slack(long since) {
        return calls == null ? 0 : calls.slowestGreetingSince(since);
    }

    private static String[] settings(DataStore store) {
        List<String> settings = new ArrayList<>(store.settings());
        settings.add("--grpc.server.shutdown-grace-period=" + GRACE.toSeconds() + "s");
        for (MethodDescriptor<?, ?> method :
                UserServiceGrpc.getServiceDescriptor().getMethods()) {
            settings.add("--service.access[" + method.getFullMethodName() + "]=open");
        }
        return settings.toArray(String[]::new);
    }

    int size() {
        return ports.length;
    }

    /** Returns a channel to all of them. */
    ManagedChannel channel() {
        return channel;
    }

    /** Returns whether SIGTERM would reach it. */
    boolean runs(int server) {
        return servers[server].alive() && !frozen[server];
    }

    void start(int server) throws Exception {
        ServerProcess started = ServerProcess.start(ports[server], launcher, JVM, settings);
        HealthObserver observer = new HealthObserver(
                started,
                UserServiceGrpc.SERVICE_NAME,
                this::slack,
                lie -> delays.accept("server " + server + ": " + lie));
        synchronized (this) {
            servers[server] = started;
            observers[server] = observer;
            observer.truth(truth);
        }
        if (channel != null) {
            channel.resetConnectBackoff();
        }
    }

    /** Starts those that did not start while there was a fault. */
    void startStopped() throws Exception {
        for (int i = 0; i < servers.length; i++) {
            if (!servers[i].alive()) {
                start(i);
            }
        }
    }

    /** Sets the expected health of the User service from now on, if it is certain. */
    synchronized void truth(Optional<ServingStatus> status) {
        truth = status;
        for (HealthObserver observer : observers) {
            if (observer != null) {
                observer.truth(status);
            }
        }
    }

    /** Waits until the health of all running servers is correct, and returns how long that took for each. */
    String awaitTruth() throws InterruptedException {
        List<Optional<Duration>> delays = new ArrayList<>();
        for (HealthObserver observer : List.copyOf(watched())) {
            delays.add(observer.awaitTruth());
        }
        return delays.stream()
                .map(delay -> delay.map(Replicas::seconds).orElse("never"))
                .collect(Collectors.joining(" and "));
    }

    private synchronized List<HealthObserver> watched() {
        List<HealthObserver> watched = new ArrayList<>();
        for (HealthObserver observer : observers) {
            if (observer != null) {
                watched.add(observer);
            }
        }
        return watched;
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Sends SIGSTOP. */
    void freeze(int server) throws IOException {
        frozen[server] = true;
        servers[server].signal("-STOP");
    }

    /** Sends SIGCONT. */
    void thaw(int server) throws IOException {
        servers[server].signal("-CONT");
        frozen[server] = false;
    }

    void kill(int server) {
        unwatch(server);
        servers[server].kill();
    }

    /** Sends SIGTERM, and returns how long the process took to end. */
    String terminate(int server) throws InterruptedException {
        unwatch(server);
        try {
            Stop stop = servers[server].terminate(STOP_LIMIT);
            if (stop.exitCode() != 0) {
                surprises.accept("server " + server + " ended with exit code " + stop.exitCode());
            }
            return seconds(stop.duration());
        } catch (AssertionError e) {
            delays.accept("SIGTERM to server " + server + ": " + e.getMessage());
            return "never";
        } finally {
            servers[server].close();
        }
    }

    private synchronized void unwatch(int server) {
        if (observers[server] != null) {
            observers[server].close();
            observers[server] = null;
        }
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
        for (int i = 0; i < servers.length; i++) {
            unwatch(i);
            if (servers[i] != null) {
                servers[i].close();
            }
        }
    }
}
