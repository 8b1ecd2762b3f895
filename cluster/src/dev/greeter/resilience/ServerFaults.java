package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.resilience.HonestCaller.Summary;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;

/** A server that dies, freezes or is cut off from its callers, who balance their calls themselves and retry none. */
final class ServerFaults {

    private static final Duration SCENARIO_LIMIT = Duration.ofMinutes(5);
    private static final Duration RESET_NOTICED = Duration.ofSeconds(2);
    /** The keepalive time and timeout of the callers, and a second. */
    private static final Duration SILENCE_NOTICED = Duration.ofSeconds(16);

    private static final int VICTIM = 0;
    private static final int CALLS = 1_000;

    private ServerFaults() {}

    static List<Scenario> scenarios(Cluster cluster) {
        return List.of(
                scenario(
                        cluster,
                        "server: killed",
                        RESET_NOTICED,
                        () -> cluster.server(VICTIM).kill(),
                        () -> cluster.start(VICTIM)),
                scenario(
                        cluster,
                        "server: frozen",
                        SILENCE_NOTICED,
                        () -> cluster.server(VICTIM).signal("-STOP"),
                        () -> cluster.server(VICTIM).signal("-CONT")),
                scenario(
                        cluster,
                        "server: cut off from callers, not from the database",
                        SILENCE_NOTICED,
                        () -> cluster.serverHost(VICTIM).cut(Network.FRONT),
                        () -> cluster.serverHost(VICTIM).join(Network.FRONT)));
    }

    private static Scenario scenario(Cluster cluster, String name, Duration noticed, Action begin, Action end) {
        return new Scenario(name, SCENARIO_LIMIT, () -> {
            ManagedChannel channel = cluster.direct().build();
            try {
                Summary until;
                Summary then;
                try (HonestCaller caller = greeting(channel)) {
                    caller.awaitMore(CALLS / 10);
                    begin.run();
                    Thread.sleep(noticed.toMillis());
                    until = caller.stop();
                }
                try (HonestCaller caller = greeting(channel)) {
                    caller.awaitMore(CALLS);
                    then = caller.stop();
                } finally {
                    end.run();
                }
                cluster.awaitComplete();
                check(then.failed() == 0, "after " + noticed.toSeconds() + " s: " + then);
                return "in the first " + noticed.toSeconds() + " s: " + until + "; then: " + then;
            } finally {
                channel.shutdownNow();
            }
        });
    }

    private static HonestCaller greeting(ManagedChannel channel) {
        return HonestCaller.greeting(channel, 1, Duration.ofMillis(10), () -> {});
    }

    private interface Action {
        void run() throws Exception;
    }
}
