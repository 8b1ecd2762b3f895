package dev.greeter.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.h2.store.fs.FileBase;

/** Closes the file when a write finds no space: H2 gives the database up then, but may keep the file locked. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // the file itself lets threads read and write at positions
final class H2FileChannel extends FileBase {

    /** More than the time between two writes of {@code h2FileSync}. */
    private static final long UNUSED = TimeUnit.SECONDS.toNanos(5);

    private final FileChannel file;
    private final Path path;
    private final Optional<Object> identity;
    private final Runnable full;
    private volatile long used = System.nanoTime();

    /** @param identity what distinguishes the file from others with the same name */
    H2FileChannel(FileChannel file, Path path, Optional<Object> identity, Runnable full) {
        this.file = file;
        this.path = path;
        this.identity = identity;
        this.full = full;
    }

    Optional<Object> identity() {
        return identity;
    }

    /** Closes a file that nobody has used for a while, and returns whether it is closed. */
    boolean closeIfUnused() throws IOException {
        if (isOpen() && System.nanoTime() - used > UNUSED) {
            close();
        }
        return !isOpen();
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
        used = System.nanoTime();
        try {
            return file.write(bytes, position);
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        used = System.nanoTime();
        try {
            return file.write(bytes);
        } catch (IOException e) {
            throw closed(e);
        }
    }

    @Override
    public int read(ByteBuffer bytes, long position) throws IOException {
        used = System.nanoTime();
        return file.read(bytes, position);
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
        return file.read(bytes);
    }

    @Override
    public long position() throws IOException {
        return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
        file.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        file.truncate(size);
        return this;
    }

    @Override
    public void force(boolean metadata) throws IOException {
        used = System.nanoTime();
        file.force(metadata);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    /** Returns the name of the file, as H2 writes it into its messages. */
    @Override
    public String toString() {
        return path.toString();
    }

    private IOException closed(IOException failure) throws IOException {
        if (SqlProblem.of(failure) == SqlProblem.READ_ONLY) {
            full.run();
            close();
        }
        return failure;
    }
}
