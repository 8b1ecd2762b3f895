package dev.greeter.resilience;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Measures what a call costs each process, for one server, for more, and behind balancers. */
final class Scale {

    private static final int CALLERS = 32;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration MEASURED = Duration.ofSeconds(6);
    private static final int[] SERVERS = {10, 100, 1_000};

    private final Cluster cluster;
    private final StringBuilder report = new StringBuilder();

    private Scale(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Returns the tables. */
    static String measure(Cluster cluster) throws Exception {
        return new Scale(cluster).measure();
    }

    private String measure() throws Exception {
        line("| call | way | calls/s | CPU time per call: caller | servers | databases | balancer | × |");
        line("|---|---|---:|---:|---:|---:|---:|---:|");
        HelloRequest ada = HelloRequest.newBuilder().setName("Ada").build();
        Consumer<Channel> greet =
                channel -> GreeterGrpc.newBlockingStub(channel).sayHello(ada);
        direct("SayHello", greet);
        for (Balancer balancer : Balancer.values()) {
            Clock clock = () -> cluster.cpu(balancer);
            Costs costs = load(cluster.through(balancer).build(), greet, clock);
            row("SayHello", "3 servers behind " + balancer.program(), costs, 0);
        }
        String id = create(cluster.channel(0)).getId();
        GetUserRequest user = GetUserRequest.newBuilder().setId(id).build();
        Costs read = direct(
                "GetUser", channel -> UserServiceGrpc.newBlockingStub(channel).getUser(user));
        Costs change = direct("CreateUser", Scale::create);
        growth(read, change);
        return report.toString();
    }

    private static User create(Channel channel) {
        String unique = UUID.randomUUID().toString();
        return UserServiceGrpc.newBlockingStub(channel)
                .createUser(CreateUserRequest.newBuilder()
                        .setUser(User.newBuilder().setName("User " + unique).setEmail(unique + "@example.org"))
                        .build());
    }

    /** Returns the costs with all servers. */
    private Costs direct(String call, Consumer<Channel> body) throws Exception {
        Costs costs = null;
        double alone = 0;
        for (int servers = 1; servers <= cluster.size(); servers++) {
            costs = load(cluster.direct(servers).build(), body, () -> Duration.ZERO);
            alone = servers == 1 ? costs.rate() : alone;
            row(call, servers == 1 ? "1 server" : servers + " servers, round_robin", costs, alone);
        }
        return costs;
    }

    /** What as many servers need that have a core each and nothing to do but this. */
    private void growth(Costs read, Costs change) throws Exception {
        int connections = ClusterFaults.connections(
                cluster.primary(), cluster.serverHost(0).address(Network.BACK));
        line("");
        line("| servers with a core each | connections to PostgreSQL | cores of PostgreSQL for their GetUser"
                + " | for their CreateUser |");
        line("|---:|---:|---:|---:|");
        for (int servers : SERVERS) {
            line("| %,d | %,d | %,.0f | %,.0f |"
                    .formatted(
                            servers,
                            servers * connections,
                            servers * read.ofDatabase(),
                            servers * change.ofDatabase()));
        }
    }

    private Costs load(ManagedChannel channel, Consumer<Channel> body, Clock balancer) throws Exception {
        try {
            calls(channel, body, WARM_UP);
            List<Clock> clocks = List.of(
                    () -> ProcessHandle.current().info().totalCpuDuration().orElseThrow(),
                    this::servers,
                    this::databases,
                    balancer);
            List<Duration> before = read(clocks);
            long begin = System.nanoTime();
            int calls = calls(channel, body, MEASURED);
            double seconds = (System.nanoTime() - begin) / 1e9;
            List<Duration> after = read(clocks);
            double[] micros = new double[clocks.size()];
            for (int i = 0; i < micros.length; i++) {
                micros[i] = after.get(i).minus(before.get(i)).toNanos() / 1e3 / calls;
            }
            return new Costs(calls / seconds, micros[0], micros[1], micros[2], micros[3]);
        } finally {
            channel.shutdownNow();
        }
    }

    private Duration servers() {
        Duration sum = Duration.ZERO;
        for (int i = 0; i < cluster.size(); i++) {
            sum = sum.plus(cluster.server(i).cpu());
        }
        return sum;
    }

    private Duration databases() throws Exception {
        Duration sum = Duration.ZERO;
        for (DatabaseHost database : cluster.databases()) {
            sum = sum.plus(database.cpu());
        }
        return sum;
    }

    private static List<Duration> read(List<Clock> clocks) throws Exception {
        List<Duration> times = new ArrayList<>();
        for (Clock clock : clocks) {
            times.add(clock.read());
        }
        return times;
    }

    /** Calls from several threads for some time, and returns how often. */
    private static int calls(Channel channel, Consumer<Channel> body, Duration time) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
        long end = System.nanoTime() + time.toNanos();
        List<Future<Integer>> counts = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            counts.add(threads.submit(() -> {
                int count = 0;
                while (System.nanoTime() - end < 0) {
                    body.accept(channel);
                    count++;
                }
                return count;
            }));
        }
        threads.shutdown();
        int sum = 0;
        for (Future<Integer> count : counts) {
            sum += count.get();
        }
        return sum;
    }

    private void row(String call, String way, Costs costs, double alone) {
        line("| %s | %s | %,.0f | %.0f µs | %.0f µs | %.0f µs | %s | %s |"
                .formatted(
                        call,
                        way,
                        costs.rate(),
                        costs.caller(),
                        costs.servers(),
                        costs.databases(),
                        costs.balancer() == 0 ? "" : "%.0f µs".formatted(costs.balancer()),
                        alone == 0 ? "" : "%.2f".formatted(costs.rate() / alone)));
    }

    private void line(String text) {
        report.append(text).append('\n');
        System.out.println(text);
    }

    private interface Clock {
        Duration read() throws Exception;
    }

    /** Calls per second, and the CPU time of each side in µs per call. */
    private record Costs(double rate, double caller, double servers, double databases, double balancer) {

        /** Returns how many cores of the databases one core of the servers keeps busy. */
        double ofDatabase() {
            return databases / servers;
        }
    }
}
