package dev.greeter.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Two PostgreSQL servers: the first begins as the primary, and the second as its standby. */
public final class PostgresPair implements AutoCloseable {

    private final Path directory;
    private final PostgresProcess first;
    private final PostgresProcess second;

    public PostgresPair(Path directory) throws Exception {
        this.directory = directory;
        first = new PostgresProcess(data("first"), directory);
        first.close();
        Command.run(List.of("cp", "-a", data("first").toString(), data("second").toString()));
        makeStandby("second", first);
        first.restart();
        second = new PostgresProcess(data("second"), directory);
    }

    public PostgresProcess first() {
        return first;
    }

    public PostgresProcess second() {
        return second;
    }

    /** Returns the URL of both. */
    public String url() {
        return "jdbc:postgresql://" + address(first) + "," + address(second) + "/postgres?user=postgres";
    }

    public static String url(PostgresProcess server) {
        return "jdbc:postgresql://" + address(server) + "/postgres?user=postgres";
    }

    /** Returns the superuser's access to one of them. */
    public static JdbcClient jdbc(PostgresProcess server) {
        return JdbcClient.create(new DriverManagerDataSource(url(server)));
    }

    /** Makes the first server, which has ended, the standby of the second. */
    public void demoteFirst() throws Exception {
        makeStandby("first", second);
        first.restart();
    }

    private static String address(PostgresProcess server) {
        return "127.0.0.1:" + server.port();
    }

    private Path data(String server) {
        return directory.resolve(server);
    }

    private void makeStandby(String server, PostgresProcess primary) throws IOException {
        Files.writeString(
                data(server).resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + primary.port() + " user=postgres'\n",
                StandardOpenOption.APPEND);
        Files.createFile(data(server).resolve("standby.signal"));
    }

    @Override
    public void close() throws IOException {
        first.close();
        second.close();
    }
}
