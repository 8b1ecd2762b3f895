package dev.greeter.resilience;

import dev.greeter.test.Command;
import dev.greeter.test.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A host with PostgreSQL, the Patroni that keeps it, and a member of the etcd that Patroni keeps its state in. */
final class DatabaseHost {

    static final int PORT = 5432;

    private static final int API = 8008;
    private static final List<String> AS_POSTGRES =
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups");
    private static final Duration API_PATIENCE = Duration.ofSeconds(1);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(API_PATIENCE).build();
    private final Host host;
    private final Path home;
    private final SmallDisk disk;
    private final Path logs;

    /**
     * Starts etcd; Patroni follows when all members of etcd have started.
     *
     * @param home where its data is, which belongs to the user postgres
     */
    DatabaseHost(Host host, List<Host> all, Path home, Path logs) throws IOException {
        this.host = host;
        this.home = home;
        this.logs = logs;
        this.disk = SmallDisk.mount().orElseThrow();
        Host.command(
                "chown", "postgres:postgres", home.toString(), disk.directory().toString());
        String members = all.stream()
                .map(member -> member.name() + "=http://" + member.address(Network.BACK) + ":2380")
                .collect(Collectors.joining(","));
        startAsPostgres(
                "etcd",
                "--name=" + host.name(),
                "--data-dir=" + home.resolve("etcd"),
                "--listen-peer-urls=http://" + address() + ":2380",
                "--initial-advertise-peer-urls=http://" + address() + ":2380",
                "--listen-client-urls=http://" + address() + ":2379",
                "--advertise-client-urls=http://" + address() + ":2379",
                "--initial-cluster=" + members,
                "--unsafe-no-fsync",
                "--heartbeat-interval=300",
                "--election-timeout=3000",
                // without it, a member that was cut off ends the leadership of the others when it is back
                "--pre-vote",
                "--log-level=warn");
        Files.writeString(home.resolve("patroni.yml"), settings(all));
    }

    private String settings(List<Host> all) {
        return """
                scope: greeter
                name: %1$s
                restapi: {listen: '%2$s:%4$d', connect_address: '%2$s:%4$d'}
                etcd3: {hosts: [%3$s]}
                bootstrap:
                  dcs:
                    ttl: 20
                    loop_wait: 1
                    retry_timeout: 3
                    primary_start_timeout: 0
                    synchronous_mode: true
                    synchronous_node_count: 2
                    postgresql:
                      use_pg_rewind: true
                      parameters: {max_connections: 60, wal_keep_size: 256MB, hot_standby_feedback: 'on'}
                  initdb: [data-checksums, {encoding: UTF8}, {auth-host: trust}, {auth-local: trust}]
                postgresql:
                  listen: '%2$s:%5$d'
                  connect_address: '%2$s:%5$d'
                  data_dir: %8$s/data
                  bin_dir: %7$s
                  pgpass: %6$s/pgpass
                  remove_data_directory_on_rewind_failure: true
                  remove_data_directory_on_diverged_timelines: true
                  authentication:
                    superuser: {username: postgres, password: postgres}
                    replication: {username: replicator, password: replicator}
                    rewind: {username: postgres, password: postgres}
                  parameters: {unix_socket_directories: %6$s, shared_buffers: 32MB, max_wal_size: 256MB}
                  pg_hba: [local all all trust, host all all 10.27.0.0/16 trust, host replication all 10.27.0.0/16 trust]
                """.formatted(
                        host.name(),
                        address(),
                        all.stream()
                                .map(member -> "'" + member.address(Network.BACK) + ":2379'")
                                .collect(Collectors.joining(", ")),
                        API,
                        PORT,
                        home,
                        Cluster.POSTGRES_BINARIES,
                        disk.directory());
    }

    void startPatroni() throws IOException {
        startAsPostgres("patroni", home.resolve("patroni.yml").toString());
    }

    private void startAsPostgres(String... words) throws IOException {
        startAsPostgres(host, logs, words);
    }

    /** Starts a process that ends with the namespace of processes. */
    @SuppressWarnings("ReturnValueIgnored") // nothing waits for it
    static void startAsPostgres(Host host, Path logs, String... words) throws IOException {
        List<String> command = new ArrayList<>(AS_POSTGRES);
        command.addAll(List.of(words));
        host.start(logs.resolve(host.name() + "-" + words[0] + ".log"), command);
    }

    Host host() {
        return host;
    }

    Path home() {
        return home;
    }

    String address() {
        return host.address(Network.BACK);
    }

    /** Returns the disk of PostgreSQL's data. */
    SmallDisk disk() {
        return disk;
    }

    /** Returns whether Patroni says that its PostgreSQL has this role: primary, replica or sync. */
    boolean is(String role) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address() + ":" + API + "/" + role))
                .timeout(API_PATIENCE)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a signal to the processes of PostgreSQL and to its Patroni. */
    void signalBoth(String signal) throws IOException {
        signalPostgres(signal);
        signal(signal, "patroni ");
    }

    /** Sends a signal to the processes of PostgreSQL. */
    void signalPostgres(String signal) throws IOException {
        signal(signal, tree(postmaster()));
    }

    /** Returns the CPU time that the running processes of PostgreSQL have used. */
    Duration cpu() throws IOException {
        return cpu(postmaster());
    }

    /** Returns the CPU time that a process and its children have used. */
    static Duration cpu(ProcessHandle root) {
        return tree(root)
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private ProcessHandle postmaster() throws IOException {
        String pid = Files.readAllLines(disk.directory().resolve("data").resolve("postmaster.pid"))
                .get(0);
        return ProcessHandle.of(Long.parseLong(pid.trim())).orElseThrow();
    }

    /** Sends a signal to etcd or Patroni, by a part of its command. */
    void signal(String signal, String program) throws IOException {
        signal(
                signal,
                ProcessHandle.current()
                        .descendants()
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(program))
                        .filter(process ->
                                process.info().commandLine().orElse("").contains(home.toString())));
    }

    private static void signal(String signal, Stream<ProcessHandle> processes) throws IOException {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.map(process -> String.valueOf(process.pid())).forEach(command::add);
        if (command.size() > 2) {
            Command.run(command);
        }
    }

    private static Stream<ProcessHandle> tree(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants());
    }
}
