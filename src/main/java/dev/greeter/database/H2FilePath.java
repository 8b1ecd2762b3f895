package dev.greeter.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A file of H2 on a disk that may be full: as long as it is, H2 opens the file for reading only. H2 makes instances by
 * reflection, for which class and constructor are public.
 */
public final class H2FilePath extends FilePathWrapper {

    private static final String URL = "jdbc:h2:";
    static final String SCHEME = "service";

    /** More than one change of H2 takes. */
    private static final long SPACE_FOR_CHANGES = 512 * 1024;

    /** The files whose last write found no space; of the process, as H2's paths are. */
    private static final Set<String> FULL = ConcurrentHashMap.newKeySet();

    /** What was opened last for each file. */
    private static final Map<String, H2FileChannel> OPENED = new ConcurrentHashMap<>();

    /** Returns the URL of the same database through this class. */
    static String url(String url) {
        FilePath.register(new H2FilePath());
        String path = url.substring(URL.length());
        return URL + SCHEME + ":" + (path.startsWith("file:") ? path.substring("file:".length()) : path);
    }

    /** Returns the URL as H2 has it without this class. */
    static String written(String url) {
        return url.replaceFirst("^" + URL + SCHEME + ":", URL + "file:");
    }

    static long usableSpace(String file) {
        try {
            return Files.getFileStore(path(file)).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Returns whether the file that is open is no longer the one with its name. */
    static boolean isReplaced(String file) {
        H2FileChannel opened = OPENED.get(file);
        return opened != null && opened.isOpen() && !opened.identity().equals(identity(file));
    }

    /** Returns what distinguishes the file from all others of its file system, if that has such a key. */
    private static Optional<Object> identity(String file) {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(path(file), BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Path path(String file) {
        return Path.of(file.startsWith(SCHEME + ":") ? file.substring(SCHEME.length() + 1) : file);
    }

    @Override
    public boolean canWrite() {
        if (FULL.contains(name) && usableSpace(name) < SPACE_FOR_CHANGES) {
            return false;
        }
        FULL.remove(name);
        return super.canWrite();
    }

    /** H2 opens a file again only if it has given up what it opened before, which may still hold the lock. */
    @Override
    public FileChannel open(String mode) throws IOException {
        H2FileChannel opened = new H2FileChannel(super.open(mode), path(name), identity(name), () -> FULL.add(name));
        H2FileChannel before = OPENED.put(name, opened);
        if (before != null && !before.closeIfUnused()) {
            OPENED.put(name, before);
        }
        return opened;
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }
}
