package dev.greeter.users;

import java.time.Duration;

/**
 * Tells a caller who reads slowly from one who has stopped. A client asks for more only when it has read a good part of
 * its window, so that nothing moves for as long as that takes: the more was sent at once, the longer.
 */
final class ReadingPace {

    /** What a client may have received and not read yet: the largest window that grpc-java opens. */
    private static final long WINDOW_BYTES = 8L * 1024 * 1024;

    /** The pace to expect of a caller who has not shown his own yet. */
    private static final double MIN_BYTES_PER_SECOND = 32 * 1024;

    /** What is sent after a shorter pause belongs to the same window. */
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private static final double NANOS_PER_SECOND = 1e9;

    private final Duration patience;
    private final long start;
    private long moved;
    private long sent;
    private long burst;

    /** @param patience how long a caller may read nothing who has little to read */
    ReadingPace(Duration patience, long now) {
        this.patience = patience;
        this.start = now;
        this.moved = now;
    }

    /** Notes that the caller wants more. */
    void resumed(long now) {
        if (now - moved > PAUSE_NANOS) {
            burst = 0;
        }
        moved = now;
    }

    void sent(int bytes, long now) {
        sent += bytes;
        burst += bytes;
        moved = now;
    }

    /** Returns whether a caller who still reads would have wanted more by now. */
    boolean hasStopped(long now) {
        return now - moved > Math.max((double) patience.toNanos(), nanosToRead());
    }

    /** Twice what the last burst takes at the pace shown so far, supposing that the client has a window full of it. */
    private double nanosToRead() {
        double seconds = (moved - start) / NANOS_PER_SECOND;
        double pace = sent > WINDOW_BYTES ? (sent - WINDOW_BYTES) / seconds : 0;
        return 2 * Math.min(burst, WINDOW_BYTES) / Math.max(MIN_BYTES_PER_SECOND, pace) * NANOS_PER_SECOND;
    }
}
