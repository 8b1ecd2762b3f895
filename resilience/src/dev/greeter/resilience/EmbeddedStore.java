package dev.greeter.resilience;

import dev.greeter.resilience.Fault.Effect;
import dev.greeter.test.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The default database, H2 in the server's own process, on a disk that can be full. */
final class EmbeddedStore implements DataStore {

    private final Path directory;
    private final Optional<SmallDisk> disk;

    EmbeddedStore() throws Exception {
        disk = SmallDisk.mount();
        directory = disk.isPresent() ? disk.get().directory() : Files.createTempDirectory(ServerProcess.home(), "h2-");
    }

    @Override
    public int servers() {
        return 1;
    }

    @Override
    public List<String> launcher() {
        return List.of("env", "--chdir=" + directory);
    }

    @Override
    public List<String> settings() {
        return List.of();
    }

    @Override
    public List<Fault> faults() {
        return disk.map(small -> List.of(new Fault("disk full", Effect.NO_ROOM, small::fill, small::free)))
                .orElseGet(List::of);
    }

    @Override
    public void close() throws IOException {
        if (disk.isPresent()) {
            disk.get().close();
        }
    }
}
