package dev.greeter.resilience;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** PgBouncer in transaction mode: many connections of servers share a few of the primary. */
final class Pooler {

    /** Its connections to the primary. */
    static final int CONNECTIONS = 8;

    private static final int HOST = 41;
    private static final int PORT = 6432;

    private Pooler() {}

    /** Starts it on a host of its own, and returns its URL: this PgBouncer knows no prepared statements. */
    static String start(DatabaseHost primary, Path logs) throws IOException {
        Host host = new Host("pooler", HOST, Network.BACK);
        String address = host.address(Network.BACK);
        Path file = primary.home().resolve("pgbouncer.ini");
        String settings = """
                [databases]
                postgres = host=%1$s port=%2$d user=postgres
                [pgbouncer]
                listen_addr = %3$s
                listen_port = %4$d
                auth_type = any
                pool_mode = transaction
                default_pool_size = %5$d
                max_client_conn = 1000
                ignore_startup_parameters = extra_float_digits
                """.formatted(primary.address(), DatabaseHost.PORT, address, PORT, CONNECTIONS);
        Files.writeString(file, settings);
        DatabaseHost.startAsPostgres(host, logs, "pgbouncer", file.toString());
        return "jdbc:postgresql://" + address + ":" + PORT + "/postgres?user=postgres&prepareThreshold=0";
    }

    /** Returns the address that the primary sees. */
    static String address() {
        return Network.BACK.address(HOST);
    }
}
