package dev.greeter.test;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A directory on its own file system in memory, which can be full. */
public final class SmallDisk implements AutoCloseable {

    private static final long SIZE = 2L << 30;

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Mounts it, or returns nothing if that is not permitted. */
    public static Optional<SmallDisk> mount() throws IOException {
        Path directory = Files.createTempDirectory("greeter-disk-");
        if (Command.run(List.of("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", directory.toString())) != 0) {
            System.out.println("SKIP disk full: no tmpfs can be mounted");
            return Optional.empty();
        }
        SmallDisk disk = new SmallDisk(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(disk::unmount));
        return Optional.of(disk);
    }

    /** Shrinks the file system to its contents, instead of filling it with a file that would use memory. */
    public void fill() throws IOException {
        FileStore store = Files.getFileStore(directory);
        for (int attempt = 0; attempt < 100; attempt++) {
            // Refused when more has been stored since.
            if (resize(store.getTotalSpace() - store.getUnallocatedSpace()) == 0) {
                return;
            }
        }
        throw new IOException("The disk at " + directory + " could not be filled");
    }

    public void free() throws IOException {
        if (resize(SIZE) != 0) {
            throw new IOException("The disk at " + directory + " could not be freed");
        }
    }

    private int resize(long bytes) throws IOException {
        return Command.run(List.of("mount", "-o", "remount,size=" + bytes, directory.toString()));
    }

    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        unmount();
    }

    /** Unmounts it once nothing uses it any more. */
    private void unmount() {
        try {
            Command.run(List.of("umount", "--lazy", directory.toString()));
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // No other way to unmount it.
        }
    }
}
