package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.proto.users.v1.UserServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Three servers, two balancers and a PostgreSQL of three hosts, all as processes in network namespaces. They end with
 * the namespace of processes that cluster/run creates.
 */
final class Cluster {

    static final int PORT = 50051;
    static final int MANAGEMENT_PORT = 9464;
    static final String POSTGRES_BINARIES = "/usr/lib/postgresql/15/bin";

    private static final int SIZE = 3;
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final List<String> JVM = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final Path memory = Path.of(System.getProperty("java.io.tmpdir"));
    private final Path logs;
    private final List<Host> serverHosts = new ArrayList<>();
    private final List<DatabaseHost> databases = new ArrayList<>();
    private final Map<Balancer, Host> balancers = new EnumMap<>(Balancer.class);
    private final Map<Balancer, Process> balancing = new EnumMap<>(Balancer.class);
    private final ServerProcess[] servers = new ServerProcess[SIZE];
    private final String databasesUrl;
    private volatile String url;

    Cluster() throws Exception {
        logs = Files.createTempDirectory(ServerProcess.home(), "cluster-");
        for (Network network : Network.values()) {
            network.create();
        }
        startDatabases();
        databasesUrl = "jdbc:postgresql://"
                + databases.stream()
                        .map(database -> database.address() + ":" + DatabaseHost.PORT)
                        .collect(Collectors.joining(","))
                + "/postgres?user=postgres";
        url = databasesUrl;
        for (int i = 0; i < SIZE; i++) {
            serverHosts.add(new Host("server" + (i + 1), 31 + i, Network.FRONT, Network.BACK));
        }
        await("a primary with two standbys", this::isComplete);
        startServers();
        int number = 21;
        for (Balancer balancer : Balancer.values()) {
            Host host = new Host("balancer" + (number - 20), number++, Network.FRONT);
            balancers.put(balancer, host);
            balancing.put(balancer, balancer.start(host, serverHosts, logs));
        }
    }

    private void startServers() throws Exception {
        ExecutorService starts = Executors.newFixedThreadPool(SIZE);
        List<Future<?>> starting = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            int server = i;
            starting.add(starts.submit(() -> {
                start(server);
                return null;
            }));
        }
        starts.shutdown();
        for (Future<?> start : starting) {
            start.get();
        }
    }

    private void startDatabases() throws Exception {
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            hosts.add(new Host("database" + (i + 1), 11 + i, Network.BACK));
        }
        for (Host host : hosts) {
            Path home = Files.createDirectory(memory.resolve(host.name()));
            databases.add(new DatabaseHost(host, hosts, home, logs));
        }
        for (DatabaseHost database : databases) {
            database.startPatroni();
        }
    }

    int size() {
        return SIZE;
    }

    /** Restarts all servers behind a pooler of connections to the primary. */
    void usePooler() throws Exception {
        restart(Pooler.start(primary(), logs));
    }

    /** Restarts all servers with the addresses of all databases. */
    void useDatabases() throws Exception {
        restart(databasesUrl);
    }

    private void restart(String url) throws Exception {
        this.url = url;
        for (ServerProcess server : servers) {
            server.kill();
        }
        startServers();
    }

    Host serverHost(int server) {
        return serverHosts.get(server);
    }

    ServerProcess server(int server) {
        return servers[server];
    }

    List<DatabaseHost> databases() {
        return databases;
    }

    /** Starts a server, and returns when it is healthy. */
    void start(int server) throws Exception {
        Host host = serverHosts.get(server);
        List<String> settings = new ArrayList<>(List.of(
                "--server.port=" + MANAGEMENT_PORT,
                "--spring.datasource.url=" + url,
                "--service.database.start-timeout=60s",
                "--service.drain.delay=2s",
                "--grpc.server.keep-alive-time=10s",
                "--grpc.server.keep-alive-timeout=5s"));
        for (MethodDescriptor<?, ?> method :
                UserServiceGrpc.getServiceDescriptor().getMethods()) {
            settings.add("--service.access[" + method.getFullMethodName() + "]=open");
        }
        servers[server] = ServerProcess.start(
                host.address(Network.FRONT), PORT, host.launcher(), JVM, settings.toArray(String[]::new));
        servers[server].awaitHealthy(UserServiceGrpc.SERVICE_NAME);
    }

    /** Returns a channel to all servers, which balances the calls itself. */
    ManagedChannelBuilder<?> direct() {
        return direct(SIZE);
    }

    /** Returns a channel to the first of the servers, which balances the calls itself. */
    ManagedChannelBuilder<?> direct(int servers) {
        String addresses = serverHosts.stream()
                .limit(servers)
                .map(host -> host.address(Network.FRONT) + ":" + PORT)
                .collect(Collectors.joining(","));
        return ManagedChannelBuilder.forTarget("static://" + URLEncoder.encode(addresses, StandardCharsets.UTF_8))
                .usePlaintext()
                .disableRetry()
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .defaultLoadBalancingPolicy("round_robin");
    }

    /** Returns a channel to one server. */
    ManagedChannel channel(int server) {
        return servers[server].channel();
    }

    /** Returns a channel through a balancer. */
    ManagedChannelBuilder<?> through(Balancer balancer) {
        return ManagedChannelBuilder.forAddress(balancers.get(balancer).address(Network.FRONT), PORT)
                .usePlaintext()
                .disableRetry();
    }

    /** Returns the CPU time that a balancer has used. */
    Duration cpu(Balancer balancer) {
        return DatabaseHost.cpu(balancing.get(balancer).toHandle());
    }

    DatabaseHost primary() throws Exception {
        return findPrimary(List.of()).orElseThrow(() -> new AssertionError("There is no primary"));
    }

    /** Returns a primary other than these, if there is one. */
    Optional<DatabaseHost> findPrimary(List<DatabaseHost> except) throws InterruptedException {
        for (DatabaseHost database : databases) {
            if (!except.contains(database) && database.is("primary")) {
                return Optional.of(database);
            }
        }
        return Optional.empty();
    }

    DatabaseHost standby() throws Exception {
        for (DatabaseHost database : databases) {
            if (database.is("sync")) {
                return database;
            }
        }
        throw new AssertionError("There is no standby");
    }

    /** Returns whether there is a primary, and all others are its standbys, at least one of them synchronous. */
    private boolean isComplete() throws InterruptedException {
        int primaries = 0;
        int standbys = 0;
        int synchronous = 0;
        for (DatabaseHost database : databases) {
            primaries += database.is("primary") ? 1 : 0;
            standbys += database.is("replica") ? 1 : 0;
            synchronous += database.is("sync") ? 1 : 0;
        }
        return primaries == 1 && standbys == databases.size() - 1 && synchronous > 0;
    }

    /** Waits until everything that a fault has stopped is back. */
    void awaitComplete() throws Exception {
        await("a primary with two standbys", this::isComplete);
        for (ServerProcess server : servers) {
            server.awaitHealthy(UserServiceGrpc.SERVICE_NAME);
        }
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long limit = System.nanoTime() + START_LIMIT.toNanos();
        while (!condition.call()) {
            check(System.nanoTime() - limit < 0, "there is still not " + what);
            Thread.sleep(200);
        }
    }
}
