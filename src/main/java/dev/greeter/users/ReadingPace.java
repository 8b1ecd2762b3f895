package dev.greeter.users;

import java.time.Duration;

/**
 * Distinguishes a caller that reads slowly from one that has stopped. A client asks for more only when it has read a
 * good part of its window. Until then the server sees no progress: the more was sent at once, the longer.
 */
final class ReadingPace {

    /** The most that a client may have received but not read: the largest window that grpc-java opens. */
    private static final long WINDOW_BYTES = 8L * 1024 * 1024;

    /** The pace assumed of a caller whose own pace is not known yet. */
    private static final double MIN_BYTES_PER_SECOND = 32 * 1024;

    /** Messages after a shorter pause belong to the same window. */
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private static final double NANOS_PER_SECOND = 1e9;

    private final Duration patience;
    private final long start;
    private long lastActivity;
    private long sent;
    private long burst;

    /** @param patience how long a caller with little to read may read nothing */
    ReadingPace(Duration patience, long now) {
        this.patience = patience;
        this.start = now;
        this.lastActivity = now;
    }

    /** Records that the caller wants more. */
    void resumed(long now) {
        if (now - lastActivity > PAUSE_NANOS) {
            burst = 0;
        }
        lastActivity = now;
    }

    void sent(int bytes, long now) {
        sent += bytes;
        burst += bytes;
        lastActivity = now;
    }

    /** Returns whether a caller that still reads would have asked for more by now. */
    boolean hasStopped(long now) {
        return now - lastActivity > Math.max((double) patience.toNanos(), nanosToRead());
    }

    /** Twice the time for the last burst at the pace so far, assuming that the client has a full window of it. */
    private double nanosToRead() {
        double seconds = (lastActivity - start) / NANOS_PER_SECOND;
        double pace = sent > WINDOW_BYTES ? (sent - WINDOW_BYTES) / seconds : 0;
        return 2 * Math.min(burst, WINDOW_BYTES) / Math.max(MIN_BYTES_PER_SECOND, pace) * NANOS_PER_SECOND;
    }
}
