package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.resilience.HonestCaller.Summary;
import dev.greeter.resilience.ServerProcess.Stop;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.List;

/** All servers are restarted in turn under load, behind each balancer: no call is lost. */
final class RollingUpdates {

    private static final Duration SCENARIO_LIMIT = Duration.ofMinutes(20);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

    private RollingUpdates() {}

    static List<Scenario> scenarios(Cluster cluster, int calls) {
        return List.of(
                scenario(cluster, "rolling update: HAProxy", hosts -> hosts.through(Balancer.HAPROXY), calls),
                scenario(cluster, "rolling update: nginx", hosts -> hosts.through(Balancer.NGINX), calls),
                scenario(cluster, "rolling update: round_robin", Cluster::direct, calls));
    }

    private static Scenario scenario(Cluster cluster, String name, Path path, int calls) {
        return new Scenario(
                name, SCENARIO_LIMIT, () -> run(cluster, path.to(cluster).build(), calls));
    }

    private static String run(Cluster cluster, ManagedChannel channel, int enough) throws Exception {
        try (HonestCaller caller = HonestCaller.greeting(channel, 5, Duration.ofMillis(10), channel::shutdownNow)) {
            caller.awaitMore(1_000);
            int restarts = 0;
            while (restarts < cluster.size() || caller.made() < enough) {
                int server = restarts++ % cluster.size();
                Stop stop = cluster.server(server).terminate(STOP_LIMIT);
                check(stop.exitCode() == 0, "exit code " + stop.exitCode());
                cluster.start(server);
                channel.resetConnectBackoff();
                // As a rollout that waits for a server to be ready.
                caller.awaitMore(500);
            }
            Summary summary = caller.stop();
            check(summary.failed() == 0, summary.toString());
            return restarts + " restarts; " + summary;
        }
    }

    /** The way to the servers. */
    private interface Path {
        ManagedChannelBuilder<?> to(Cluster cluster);
    }
}
