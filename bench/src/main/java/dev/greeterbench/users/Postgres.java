package dev.greeterbench.users;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A PostgreSQL that is as durable as by default, and what its own means do in place of the User service. */
final class Postgres implements AutoCloseable {

    private static final Pattern TRANSACTIONS = Pattern.compile("tps = ([\\d.]+) \\(without");

    private final Path data = Files.createTempDirectory("users-bench-data");
    private final EmbeddedPostgres database;

    Postgres() throws IOException {
        // for tests it would not be durable
        database = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    /** Creates a database and returns its URL. */
    String create(String name) throws SQLException {
        execute("postgres", "create database " + name);
        return database.getJdbcUrl("postgres", name);
    }

    /** Returns the transactions per second of {@code pgbench -S}: one row by its primary key, prepared. */
    double selects(int clients, int seconds) throws Exception {
        pgbench("-i", "-q");
        String report = pgbench("-S", "-M", "prepared", "-c", "" + clients, "-j", "2", "-T", "" + seconds);
        Matcher found = TRANSACTIONS.matcher(report);
        if (!found.find()) {
            throw new IllegalStateException("pgbench says no rate:\n" + report);
        }
        return Double.parseDouble(found.group(1));
    }

    private String pgbench(String... options) throws Exception {
        String[] address = {"pgbench", "-h", "127.0.0.1", "-p", "" + database.getPort(), "-U", "postgres"};
        Process process = new ProcessBuilder(Stream.of(address, options, new String[] {"postgres"})
                        .flatMap(Stream::of)
                        .toList())
                .redirectErrorStream(true)
                .start();
        String report = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(report);
        }
        return report;
    }

    /** Returns the seconds of {@code COPY ... FROM} a file with the users of a database into an equal table. */
    double copy(String name) throws Exception {
        File file = new File(data.toFile(), "users.copy");
        execute(name, "copy users to '" + file + "'");
        execute(name, "create table copied (like users including all)");
        long began = System.nanoTime();
        execute(name, "copy copied from '" + file + "'");
        return (System.nanoTime() - began) / 1e9;
    }

    private void execute(String name, String sql) throws SQLException {
        try (Connection connection = database.getDatabase("postgres", name).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Returns the CPU time of all its processes. */
    Duration cpu() throws IOException {
        long postmaster = Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
        ProcessHandle process = ProcessHandle.of(postmaster).orElseThrow();
        return Stream.concat(Stream.of(process), process.descendants())
                .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    @Override
    public void close() throws IOException {
        database.close();
    }
}
