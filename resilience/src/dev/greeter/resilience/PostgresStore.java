package dev.greeter.resilience;

import dev.greeter.resilience.Fault.Effect;
import dev.greeter.resilience.TcpProxy.Mode;
import dev.greeter.test.PostgresProcess;
import dev.greeter.test.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** PostgreSQL behind its own network, on a disk that can be full. */
final class PostgresStore implements DataStore {

    private static final String OF_OTHERS =
            " from pg_stat_activity" + " where datname = current_database() and pid <> pg_backend_pid()";
    private static final String CANCEL = "select pg_cancel_backend(pid)" + OF_OTHERS;
    private static final String TERMINATE = "select pg_terminate_backend(pid)" + OF_OTHERS;

    private final Optional<SmallDisk> disk;
    private final PostgresProcess postgres;
    private final TcpProxy proxy;
    private ScheduledExecutorService repeater = Executors.newSingleThreadScheduledExecutor();

    PostgresStore() throws Exception {
        disk = SmallDisk.mount();
        Path directory = Files.createTempDirectory(ServerProcess.home(), "postgres-");
        postgres = new PostgresProcess(
                disk.map(SmallDisk::directory).orElse(directory).resolve("data"), directory);
        proxy = new TcpProxy(postgres.port());
    }

    @Override
    public int servers() {
        return 2;
    }

    @Override
    public List<String> launcher() {
        return List.of();
    }

    @Override
    public List<String> settings() {
        return List.of("--spring.datasource.url=jdbc:postgresql://" + proxy.address() + "/postgres?user=postgres");
    }

    @Override
    public List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        faults.add(new Fault("database frozen", Effect.AWAY, postgres::freeze, postgres::thaw));
        faults.add(network("connections refused", Mode.REFUSE));
        faults.add(network("connections reset", Mode.RESET));
        faults.add(network("network silent for a while", Mode.HOLD));
        faults.add(network("network silent, connections lost", Mode.LOSE));
        faults.add(new Fault("database read-only", Effect.AWAY, () -> readOnly(true), () -> readOnly(false)));
        faults.add(new Fault("queries cancelled", Effect.TROUBLE, () -> repeat(CANCEL, 20), this::stopRepeating));
        faults.add(new Fault("sessions terminated", Effect.TROUBLE, () -> repeat(TERMINATE, 500), this::stopRepeating));
        faults.add(new Fault("database killed", Effect.AWAY, postgres::kill, postgres::restart));
        disk.ifPresent(small -> faults.add(new Fault("disk full", Effect.NO_ROOM, small::fill, () -> {
            small.free();
            // It may have ended, because it could not write its log.
            postgres.restart();
        })));
        return faults;
    }

    private Fault network(String name, Mode mode) {
        return new Fault(name, Effect.AWAY, () -> proxy.mode(mode), () -> proxy.mode(Mode.FORWARD));
    }

    /** Sessions keep their initial mode, so the older ones are ended; those from the fault are not. */
    private void readOnly(boolean on) throws Exception {
        postgres.execute("alter database postgres set default_transaction_read_only = " + (on ? "on" : "off"));
        if (on) {
            postgres.execute(TERMINATE);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    private void repeat(String sql, int millis) {
        repeater = Executors.newSingleThreadScheduledExecutor();
        repeater.scheduleWithFixedDelay(
                () -> {
                    try {
                        postgres.execute(sql);
                    } catch (Exception e) {
                        // It is busy.
                    }
                },
                0,
                millis,
                TimeUnit.MILLISECONDS);
    }

    private void stopRepeating() throws InterruptedException {
        repeater.shutdownNow();
        repeater.awaitTermination(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        repeater.shutdownNow();
        proxy.close();
        postgres.close();
        if (disk.isPresent()) {
            disk.get().close();
        }
    }
}
