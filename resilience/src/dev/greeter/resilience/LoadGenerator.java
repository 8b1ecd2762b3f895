package dev.greeter.resilience;

import static dev.greeter.test.RawConnection.*;

import dev.greeter.test.Hpack;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Makes calls at minimum cost, on one thread and with prepared bytes, so that the limits of the client are not mistaken
 * for limits of the server.
 */
final class LoadGenerator implements Closeable {

    /** A call that is answered later than this is as bad as one that is not. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    /** The trailer as a literal, without its first byte, which says whether it may be indexed. */
    private static final byte[] GRPC_STATUS_OK = Arrays.copyOfRange(Hpack.encode("grpc-status", "0"), 1, 15);

    private static final int BUCKET_NANOS = 100_000;
    private static final int BUCKETS = 100_000;
    private static final int STREAMS_REMEMBERED = 1 << 12;

    private final Selector selector = Selector.open();
    private final List<Connection> connections = new ArrayList<>();
    private final Supplier<Call> calls;
    private long good;
    private long late;
    private long refused;
    private long[] histogram = new long[BUCKETS];

    /** Opens connections with this many concurrent calls on each. */
    LoadGenerator(int port, int connections, int callsAtOnce, Supplier<Call> calls) throws IOException {
        this.calls = calls;
        for (int i = 0; i < connections; i++) {
            this.connections.add(new Connection(port, callsAtOnce));
        }
    }

    /** Makes calls as fast as they are answered. */
    Load closedLoop(Duration duration) throws IOException {
        return run(duration, Double.POSITIVE_INFINITY);
    }

    /** Makes this many calls a second, whether they are answered or not; without a free stream a call is skipped. */
    Load openLoop(Duration duration, double rate) throws IOException {
        return run(duration, rate);
    }

    private Load run(Duration duration, double rate) throws IOException {
        good = 0;
        late = 0;
        refused = 0;
        histogram = new long[BUCKETS];
        long begin = System.nanoTime();
        long now = begin;
        long offered = 0;
        int next = 0;
        while (now - begin < duration.toNanos()) {
            if (rate == Double.POSITIVE_INFINITY) {
                for (Connection connection : connections) {
                    while (connection.call(now)) {
                        offered++;
                    }
                }
            } else {
                long due = (long) ((now - begin) / 1e9 * rate);
                for (int full = 0; offered < due; offered++) {
                    while (full < connections.size() && !connections.get(next).call(now)) {
                        next = (next + 1) % connections.size();
                        full++;
                    }
                    next = (next + 1) % connections.size();
                }
            }
            transfer(rate == Double.POSITIVE_INFINITY ? 100 : 1);
            now = System.nanoTime();
        }
        double seconds = (now - begin) / 1e9;
        Load load = new Load(offered / seconds, good / seconds, late + refused, percentile(50), percentile(99));
        settle();
        return load;
    }

    /** Awaits the calls in progress, so that they do not count in the next run. */
    private void settle() throws IOException {
        long limit = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (connections.stream().anyMatch(connection -> connection.atOnce > 0) && System.nanoTime() < limit) {
            transfer(10);
        }
    }

    private void transfer(int timeout) throws IOException {
        for (Connection connection : connections) {
            connection.write();
        }
        selector.select(timeout);
        for (SelectionKey key : selector.selectedKeys()) {
            ((Connection) key.attachment()).transfer(key);
        }
        selector.selectedKeys().clear();
    }

    private Duration percentile(int percent) {
        long count = 0;
        for (long bucket : histogram) {
            count += bucket;
        }
        long rank = count * percent / 100;
        for (int i = 0; i < BUCKETS; i++) {
            rank -= histogram[i];
            if (rank < 0) {
                return Duration.ofNanos((i + 1L) * BUCKET_NANOS);
            }
        }
        return Duration.ZERO;
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel.close();
        }
        selector.close();
    }

    /** The bytes of a call, at most {@link #LONGEST} with what frames add. */
    static final class Call {

        private static final int LONGEST = 2_048;

        private final byte[] headerBlock;
        private final byte[] body;

        Call(byte[] headerBlock, byte[] body) {
            this.headerBlock = headerBlock;
            this.body = body;
        }
    }

    /** The offered and the successful calls per second, the number of other answers, and the times. */
    record Load(double offered, double good, long bad, Duration median, Duration p99) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.0f of %.0f calls/s good, %d bad, p50 %.1f ms, p99 %.1f ms",
                    good,
                    offered,
                    bad,
                    median.toNanos() / 1e6,
                    p99.toNanos() / 1e6);
        }
    }

    private final class Connection {

        private final SocketChannel channel;
        private final SelectionKey key;
        private final ByteBuffer in = ByteBuffer.allocate(1 << 16);
        private final ByteBuffer out = ByteBuffer.allocate(1 << 16);
        private final long[] begun = new long[STREAMS_REMEMBERED];
        private final int callsAtOnce;
        private int atOnce;
        private int nextStream = 1;

        Connection(int port, int callsAtOnce) throws IOException {
            this.callsAtOnce = callsAtOnce;
            channel = SocketChannel.open(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, this);
            out.put(PREFACE);
            frame(SETTINGS, 0, 0, settings(1, 0, 4, Integer.MAX_VALUE));
            frame(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE - 65_535));
            write();
        }

        /** Begins a call, if there is room for one. */
        boolean call(long now) {
            if (atOnce == callsAtOnce || out.remaining() < Call.LONGEST) {
                return false;
            }
            Call next = calls.get();
            atOnce++;
            begun[nextStream / 2 % STREAMS_REMEMBERED] = now;
            frame(HEADERS, END_HEADERS, nextStream, next.headerBlock);
            frame(DATA, END_STREAM, nextStream, next.body);
            nextStream += 2;
            return true;
        }

        private void frame(int type, int flags, int stream, byte[] payload) {
            out.putInt((payload.length << 8) | type)
                    .put((byte) flags)
                    .putInt(stream)
                    .put(payload);
        }

        void transfer(SelectionKey ready) throws IOException {
            if (ready.isWritable()) {
                write();
            }
            if (ready.isReadable()) {
                if (channel.read(in) < 0) {
                    throw new IOException("The server has hung up on a load within its limits");
                }
                in.flip();
                receive();
                in.compact();
            }
        }

        void write() throws IOException {
            if (out.position() > 0) {
                out.flip();
                channel.write(out);
                out.compact();
                key.interestOps(
                        out.position() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
        }

        private void receive() {
            while (in.remaining() >= 9) {
                int start = in.position();
                int lengthAndType = in.getInt(start);
                int length = lengthAndType >>> 8;
                if (in.remaining() < 9 + length) {
                    return;
                }
                int type = lengthAndType & 0xff;
                int flags = in.get(start + 4);
                int stream = in.getInt(start + 5);
                if (type == HEADERS && (flags & END_STREAM) != 0) {
                    answered(stream, isOk(start + 9, length));
                } else if (type == RST_STREAM) {
                    answered(stream, false);
                } else if ((type == SETTINGS || type == PING) && (flags & ACK) == 0) {
                    byte[] payload = new byte[type == PING ? length : 0];
                    in.get(start + 9, payload);
                    frame(type, ACK, 0, payload);
                }
                in.position(start + 9 + length);
            }
        }

        /** Looks for {@code grpc-status: 0}, which this server sends as a literal to a peer without a dynamic table. */
        private boolean isOk(int start, int length) {
            for (int i = start; i + GRPC_STATUS_OK.length <= start + length; i++) {
                int j = 0;
                while (j < GRPC_STATUS_OK.length && in.get(i + j) == GRPC_STATUS_OK[j]) {
                    j++;
                }
                if (j == GRPC_STATUS_OK.length) {
                    return true;
                }
            }
            return false;
        }

        private void answered(int stream, boolean ok) {
            int slot = stream / 2 % STREAMS_REMEMBERED;
            if (begun[slot] == 0) {
                return; // a server that answers before it has the whole request resets the stream behind the trailers
            }
            atOnce--;
            long nanos = System.nanoTime() - begun[slot];
            begun[slot] = 0;
            if (!ok) {
                refused++;
            } else if (nanos > DEADLINE.toNanos()) {
                late++;
            } else {
                good++;
            }
            if (ok) {
                histogram[(int) Math.min(nanos / BUCKET_NANOS, BUCKETS - 1)]++;
            }
        }
    }
}
