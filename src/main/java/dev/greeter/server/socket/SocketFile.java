package dev.greeter.server.socket;

import dev.greeter.start.FileProblem;
import dev.greeter.start.SettingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import net.devh.boot.grpc.common.util.GrpcUtils;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix domain socket, which only one server may use at a time, like a port: Netty deletes any file at the
 * path before it listens, and again when it stops.
 */
final class SocketFile implements AutoCloseable {

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path lockFile;
    private final FileChannel lock;

    private SocketFile(Path lockFile, FileChannel lock) {
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Reserves the path for this process, and replaces the socket of a server that was killed.
     *
     * @param address as in {@code unix:PATH}
     * @throws SettingException if the path is in use
     */
    static SocketFile reserve(String address) {
        Path path = Path.of(GrpcUtils.extractDomainSocketAddressPath(address));
        Path lockFile = Path.of(path + ".lock");
        FileChannel lock = null;
        try {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isSocket(path)) {
                throw problem(address, "where a file is that is not a socket", null);
            }
            lock = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock.tryLock() == null || answers(path)) {
                throw problem(address, "where another server listens", null);
            }
            return new SocketFile(lockFile, lock);
        } catch (OverlappingFileLockException e) {
            close(lock);
            throw problem(address, "where another server listens", e);
        } catch (IOException e) {
            close(lock);
            throw problem(address, "which cannot be used: " + FileProblem.text(e), e);
        } catch (SettingException e) {
            close(lock);
            throw e;
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & FILE_TYPE) == SOCKET;
    }

    private static boolean answers(Path path) {
        try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return connection.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static SettingException problem(String address, String problem, @Nullable Exception cause) {
        return new SettingException(
                "grpc.server.address is " + address + ", " + problem + ".",
                "Stop what uses the path, or choose another one.",
                cause);
    }

    private static void close(@Nullable FileChannel lock) {
        try (lock) {
            // It is only closed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Releases the path after the stop of the server. */
    @Override
    public void close() {
        try (lock) {
            Files.deleteIfExists(lockFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
