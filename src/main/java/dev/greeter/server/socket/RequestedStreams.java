package dev.greeter.server.socket;

import org.jspecify.annotations.Nullable;

/** Remembers which streams of a connection its caller has begun, and which of them were reset last. */
final class RequestedStreams {

    /** Stands for the stream itself where a stream depends on itself. */
    static final int ITSELF = Integer.MAX_VALUE;

    /** The number of reset streams that are remembered; a power of two. */
    private static final int REMEMBERED = 256;

    private int last;
    private int @Nullable [] reset;

    /** Returns false if the caller has begun the stream, or a later one, before. */
    boolean begin(int stream) {
        if (stream <= last) {
            return false;
        }
        last = stream;
        return true;
    }

    /** Returns whether no caller has begun this stream: a later one, or one that only a server begins. */
    boolean isIdle(int stream) {
        return stream > last || ((stream & 1) == 0 && stream != 0);
    }

    /** Returns whether the headers of this stream have been received. */
    boolean hasBegun(int stream) {
        return stream <= last && (stream & 1) == 1;
    }

    void rememberReset(int stream) {
        int[] remembered = reset;
        if (remembered == null) {
            remembered = new int[REMEMBERED];
            reset = remembered;
        }
        remembered[(stream >> 1) & (REMEMBERED - 1)] = stream;
    }

    boolean wasReset(int stream) {
        int[] remembered = reset;
        return remembered != null && remembered[(stream >> 1) & (REMEMBERED - 1)] == stream;
    }
}
