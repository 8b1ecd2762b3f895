package dev.greeter.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL with its own port and directory, which can be stopped and killed. */
public final class PostgresProcess implements AutoCloseable {

    private final Path directory;
    private final Path log;
    private final int port;
    private EmbeddedPostgres postgres;

    /**
     * Starts it with its defaults: what it acknowledges is on the disk.
     *
     * @param directory where its data is
     * @param logs where its log is
     */
    public PostgresProcess(Path directory, Path logs) throws IOException {
        this.directory = directory;
        this.log = logs.resolve("postgres.log");
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        postgres = start();
    }

    private EmbeddedPostgres start() throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(directory)
                .setCleanDataDirectory(false)
                .setPGStartupWait(Duration.ofMinutes(1))
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    public int port() {
        return port;
    }

    /** Executes the statements as an administrator, past every limit of the database. */
    public void execute(String... statements) throws SQLException {
        String url = "jdbc:postgresql://localhost:" + port
                + "/postgres?user=postgres&connectTimeout=10&options=-c%20default_transaction_read_only=off";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Sends SIGSTOP to all of its processes. */
    public void freeze() throws IOException {
        signal("-STOP");
    }

    /** Sends SIGCONT to all of its processes. */
    public void thaw() throws IOException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes().map(process -> String.valueOf(process.pid())).forEach(command::add);
        Command.run(command);
    }

    /** Sends SIGKILL to all of its processes. */
    public void kill() throws Exception {
        List<ProcessHandle> all = processes().toList();
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : all) {
            process.onExit().get(10, TimeUnit.SECONDS);
        }
        // Releases its lock on the directory; nothing is left to stop.
        postgres.close();
    }

    /** Starts it again, if it has ended, and returns when it answers. */
    public void restart() throws Exception {
        if (processes().findAny().isEmpty()) {
            postgres.close();
            postgres = start();
        }
    }

    /** Returns the postmaster and its children, in this order. */
    private Stream<ProcessHandle> processes() throws IOException {
        Path file = directory.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Stream.empty();
        }
        long pid = Long.parseLong(Files.readAllLines(file).get(0).trim());
        return ProcessHandle.of(pid).stream()
                .filter(ProcessHandle::isAlive)
                .flatMap(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.descendants()));
    }

    @Override
    public void close() throws IOException {
        thaw();
        postgres.close();
    }
}
