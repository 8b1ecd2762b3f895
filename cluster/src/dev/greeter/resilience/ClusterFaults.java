package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.HonestCaller.Summary;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Faults of the hosts of a cluster while callers keep a ledger of what was acknowledged. */
final class ClusterFaults {

    /** Within which user calls succeed again after a new primary accepts changes. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final Duration CALM = Duration.ofSeconds(3);
    private static final Duration POOLED = Duration.ofSeconds(15);
    private static final Duration SCENARIO_LIMIT = Duration.ofMinutes(8);
    private static final int SLOTS = 60;

    private final Cluster cluster;

    private ClusterFaults(Cluster cluster) {
        this.cluster = cluster;
    }

    static List<Scenario> scenarios(Cluster cluster) {
        return List.of(
                failover(cluster, "database: primary killed", database -> {
                    database.signalPostgres("-KILL");
                    return () -> {};
                }),
                failover(cluster, "database: primary frozen", database -> {
                    // not etcd, of which a frozen member may leave Patroni with a state that it never updates again
                    database.signalBoth("-STOP");
                    return () -> database.signalBoth("-CONT");
                }),
                failover(cluster, "database: primary cut off", database -> {
                    database.host().cut(Network.BACK);
                    return () -> database.host().join(Network.BACK);
                }),
                scenario(cluster, "database: standby cut off", faults -> {
                    DatabaseHost standby = faults.cluster.standby();
                    return faults.same(
                            () -> standby.host().cut(Network.BACK),
                            () -> standby.host().join(Network.BACK));
                }),
                scenario(cluster, "database: etcd of the primary frozen", faults -> {
                    DatabaseHost primary = faults.cluster.primary();
                    return faults.same(() -> primary.signal("-STOP", "etcd "), () -> primary.signal("-CONT", "etcd "));
                }),
                scenario(cluster, "database: slots used up", faults -> {
                    List<Connection> others = new ArrayList<>();
                    DatabaseHost primary = faults.cluster.primary();
                    return faults.same(() -> faults.useUp(primary, others), () -> faults.close(others));
                }),
                scenario(cluster, "database: disk of the primary full", ClusterFaults::diskFull),
                scenario(cluster, "database: behind PgBouncer in transaction mode", ClusterFaults::pooled),
                scenario(cluster, "network slow: 100 ms, 1 % lost", faults -> {
                    DatabaseHost primary = faults.cluster.primary();
                    return faults.same(
                            () -> primary.host().slow(Network.BACK, 100, 1),
                            () -> primary.host().fast(Network.BACK));
                }));
    }

    /** A fault of the primary, after which a standby takes over; its result ends the fault. */
    private static Scenario failover(Cluster cluster, String name, Breakage breakage) {
        return scenario(cluster, name, faults -> faults.failover(breakage));
    }

    private static Scenario scenario(Cluster cluster, String name, Fault fault) {
        return new Scenario(name, SCENARIO_LIMIT, () -> fault.run(new ClusterFaults(cluster)));
    }

    private String failover(Breakage breakage) throws Exception {
        return run(session -> {
            DatabaseHost old = cluster.primary();
            long begin = System.nanoTime();
            Ending ending = breakage.begin(old);
            Duration election;
            Duration users;
            try {
                Cluster.await("a new primary", () -> acceptsChanges(cluster.findPrimary(List.of(old))));
                election = since(begin);
                users = session.awaitChanges();
            } finally {
                ending.run();
            }
            check(users.compareTo(LIMIT) < 0, "changes only " + seconds(users) + " after the new primary");
            return "new primary accepts changes after " + seconds(election) + ", changes at every server "
                    + seconds(users) + " later";
        });
    }

    /** A fault after which the primary is the same. */
    private String same(Ending begin, Ending end) throws Exception {
        return run(session -> {
            begin.run();
            Duration users;
            try {
                users = session.awaitChanges();
                Thread.sleep(CALM.toMillis());
            } finally {
                end.run();
            }
            Duration back = session.awaitChanges();
            check(back.compareTo(LIMIT) < 0, "changes only " + seconds(back) + " after the fault");
            return "changes at every server after " + seconds(users) + ", and " + seconds(back) + " after the fault";
        });
    }

    private String diskFull() throws Exception {
        return run(session -> {
            DatabaseHost primary = cluster.primary();
            long begin = System.nanoTime();
            Duration refused;
            try {
                primary.disk().fill();
                Cluster.await("a full disk", session::isRefused);
                refused = since(begin);
                Thread.sleep(CALM.toMillis());
            } finally {
                primary.disk().free();
            }
            Duration back = session.awaitChanges();
            check(back.compareTo(LIMIT) < 0, "changes only " + seconds(back) + " after the fault");
            return "changes refused after " + seconds(refused) + ", at every server again " + seconds(back)
                    + " after the fault";
        });
    }

    private String pooled() throws Exception {
        cluster.usePooler();
        try {
            return run(session -> {
                session.awaitChanges();
                Thread.sleep(POOLED.toMillis());
                int connections = connections(cluster.primary(), Pooler.address());
                check(connections <= Pooler.CONNECTIONS, connections + " connections to the primary");
                return cluster.size() + " servers by " + connections + " connections to the primary";
            });
        } finally {
            cluster.useDatabases();
        }
    }

    /** Returns how many connections a PostgreSQL has from this address. */
    static int connections(DatabaseHost database, String address) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*) from pg_stat_activity where client_addr = '" + address + "'")) {
            row.next();
            return row.getInt(1);
        }
    }

    private String run(Body body) throws Exception {
        execute(cluster.primary(), "delete from users", "delete from create_requests");
        Surprises surprises = new Surprises(true);
        Ledger ledger = new Ledger();
        ManagedChannel channel = cluster.direct().build();
        ManagedChannel greetings = cluster.direct().build();
        ManagedChannel readings = cluster.direct().build();
        Calls calls = new Calls(channel, surprises::report, surprises::reportDelay);
        Session session = new Session(ledger);
        String id = session.create(0, Duration.ofSeconds(10)).getId();
        try (Callers callers = Callers.few(calls, ledger, new Random(), surprises::report);
                HonestCaller greeter =
                        HonestCaller.greeting(greetings, 1, Duration.ofMillis(20), greetings::shutdownNow);
                HonestCaller reader = HonestCaller.reading(readings, UserServiceGrpc.newStub(readings), id)) {
            callers.start();
            Thread.sleep(CALM.toMillis());
            String seen = body.run(session);
            cluster.awaitComplete();
            Thread.sleep(CALM.toMillis());
            callers.stop();
            Summary greeted = greeter.stop();
            Summary read = reader.stop();
            ledger.verify(DataFaults.everybody(channel, calls, ledger));
            String summary = seen + "; " + ledger + "; GetUser: " + read + "; greetings: " + greeted;
            ledger.quotes().forEach(surprises::report);
            check(surprises.isEmpty(), summary + "; " + surprises);
            check(greeted.failed() == 0 && read.onlyRefused(), summary);
            return summary;
        } finally {
            channel.shutdownNow();
        }
    }

    private void useUp(DatabaseHost database, List<Connection> others) {
        try {
            for (int i = 0; i < SLOTS; i++) {
                others.add(DriverManager.getConnection(url(database)));
            }
        } catch (SQLException e) {
            // There is no slot left.
        }
    }

    private void close(List<Connection> connections) throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
    }

    private static void execute(DatabaseHost database, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(database));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String url(DatabaseHost database) {
        return "jdbc:postgresql://" + database.address() + ":" + DatabaseHost.PORT
                + "/postgres?user=postgres&connectTimeout=3&loginTimeout=3";
    }

    /** Makes a change, which waits until a synchronous standby has it. */
    private static boolean acceptsChanges(Optional<DatabaseHost> primary) {
        try {
            if (primary.isPresent()) {
                execute(primary.get(), "select pg_logical_emit_message(true, 'test', '')");
            }
            return primary.isPresent();
        } catch (SQLException e) {
            return false;
        }
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /** Begins a fault of a host, and returns what ends it. */
    private interface Breakage {
        Ending begin(DatabaseHost database) throws Exception;
    }

    private interface Ending {
        void run() throws Exception;
    }

    private interface Fault {
        String run(ClusterFaults faults) throws Exception;
    }

    private interface Body {
        String run(Session session) throws Exception;
    }

    /** Makes changes at each server on its own. */
    private final class Session {

        private static final Duration PATIENCE = Duration.ofSeconds(60);

        private final Ledger ledger;

        Session(Ledger ledger) {
            this.ledger = ledger;
        }

        /** Waits until a change at each server succeeds, and returns how long that took. */
        Duration awaitChanges() throws Exception {
            long begin = System.nanoTime();
            ExecutorService callers = Executors.newFixedThreadPool(cluster.size());
            List<Future<User>> changes = new ArrayList<>();
            for (int i = 0; i < cluster.size(); i++) {
                int server = i;
                changes.add(callers.submit(() -> create(server, PATIENCE)));
            }
            callers.shutdown();
            for (Future<User> change : changes) {
                change.get();
            }
            return since(begin);
        }

        /** Tries to create a user, and returns whether that is UNAVAILABLE. */
        boolean isRefused() {
            ManagedChannel channel = cluster.channel(0);
            try {
                UserServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(2, TimeUnit.SECONDS)
                        .createUser(CreateUserRequest.newBuilder()
                                .setUser(ledger.newUser().asCreated())
                                .build());
                return false;
            } catch (StatusRuntimeException e) {
                return e.getStatus().getCode() == Status.Code.UNAVAILABLE;
            } finally {
                channel.shutdownNow();
            }
        }

        /** Creates a user, and repeats the request until it is answered. */
        User create(int server, Duration patience) throws Exception {
            long limit = System.nanoTime() + patience.toNanos();
            UserHistory user = ledger.newUser();
            CreateUserRequest request = CreateUserRequest.newBuilder()
                    .setUser(user.asCreated())
                    .setRequestId(user.origin())
                    .build();
            ManagedChannel channel = cluster.channel(server);
            try {
                while (true) {
                    try {
                        User created = UserServiceGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(2, TimeUnit.SECONDS)
                                .createUser(request);
                        user.created(created);
                        return created;
                    } catch (StatusRuntimeException e) {
                        check(
                                System.nanoTime() - limit < 0,
                                "server " + server + " accepts no changes: " + e.getStatus());
                        Thread.sleep(50);
                    }
                }
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
