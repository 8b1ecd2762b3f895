package dev.greeter.test;

import io.grpc.Status;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 connection that sends any frames and records the answers of the server. */
public final class RawConnection implements Closeable {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    public static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    public static final String SAY_HELLO = "/helloworld.Greeter/SayHello";
    public static final String LOTS_OF_REPLIES = "/helloworld.Greeter/SayHelloStreamReply";
    public static final String LOTS_OF_REQUESTS = "/helloworld.Greeter/SayHelloStreamRequest";
    public static final String BIDI = "/helloworld.Greeter/SayHelloBidiStream";

    private static final String[] ERRORS = {
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM"
    };

    /** The largest payload that a server accepts by default. */
    public static final int MAX_FRAME = 16_384;

    private static final Set<RawConnection> OPEN = ConcurrentHashMap.newKeySet();

    private final Socket socket = new Socket();
    private final DataOutputStream out;
    private final Map<Integer, Answer> answers = new ConcurrentHashMap<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile String goAway = "";
    private volatile int maxConcurrentStreams = Integer.MAX_VALUE;
    private int nextStream = 1;

    private RawConnection(int port) throws IOException {
        // A separate address: limits per peer must not apply to the honest callers beside it.
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), 0));
        } catch (BindException e) {
            // Only Linux has all of 127.0.0.0/8.
        }
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 5_000);
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
        OPEN.add(this);
    }

    /** Closes what a scenario has left open. */
    public static void closeAll() throws IOException {
        for (RawConnection connection : OPEN) {
            connection.close();
        }
    }

    /** Connects, and neither sends nor reads anything. */
    public static RawConnection connect(int port) throws IOException {
        return new RawConnection(port);
    }

    /** Connects and sends the preface, but never reads. */
    public static RawConnection deaf(int port, int initialWindow) throws IOException {
        RawConnection connection = new RawConnection(port);
        connection.out.write(PREFACE);
        connection.frame(SETTINGS, 0, 0, settings(1, 0, 4, initialWindow));
        connection.out.flush();
        return connection;
    }

    /** Connects, reads from now on, and has received the server's settings. */
    public static RawConnection open(int port) throws Exception {
        return open(port, Integer.MAX_VALUE);
    }

    /** As {@link #open(int)}; the server may send each stream {@code initialWindow} bytes. */
    public static RawConnection open(int port, int initialWindow) throws Exception {
        RawConnection connection = deaf(port, initialWindow);
        connection.frame(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE - 65_535));
        CompletableFuture<Void> settings = connection.read();
        connection.flush();
        settings.get(5, TimeUnit.SECONDS);
        return connection;
    }

    public static byte[] settings(int... idsAndValues) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < idsAndValues.length; i += 2) {
            payload.write(0);
            payload.write(idsAndValues[i]);
            payload.writeBytes(number(idsAndValues[i + 1]));
        }
        return payload.toByteArray();
    }

    public static byte[] number(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    /** Returns the header block of a call. */
    public static byte[] call(String path, String... more) {
        String[] headers = new String[12 + more.length];
        String[] usual = {
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            path,
            ":authority",
            "localhost",
            "content-type",
            "application/grpc",
            "te",
            "trailers"
        };
        System.arraycopy(usual, 0, headers, 0, 12);
        System.arraycopy(more, 0, headers, 12, more.length);
        return Hpack.encode(headers);
    }

    /** Returns a message with its length before it, as gRPC frames it. */
    public static byte[] message(byte[] protobuf) {
        return message(0, protobuf.length, protobuf);
    }

    /** As {@link #message(byte[])}, with a flag and a length of the caller's choice. */
    public static byte[] message(int flag, int length, byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(flag);
        bytes.writeBytes(number(length));
        bytes.writeBytes(content);
        return bytes.toByteArray();
    }

    /** Returns a HelloRequest. */
    public static byte[] hello(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[utf8.length + 2];
        bytes[0] = 0x0a;
        bytes[1] = (byte) utf8.length;
        System.arraycopy(utf8, 0, bytes, 2, utf8.length);
        return bytes;
    }

    public synchronized void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        frame(payload.length, type, flags, stream, payload);
    }

    public synchronized void frame(int length, int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(length >> 16);
        out.writeShort(length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
    }

    public synchronized void raw(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    public synchronized void flush() throws IOException {
        out.flush();
    }

    /** Opens a stream and leaves it open. */
    public int start(byte[] headerBlock) throws IOException {
        return start(headerBlock, false);
    }

    /** Returns the number of a stream whose frames the caller sends. */
    public int begin() {
        int stream = nextStream;
        nextStream += 2;
        answers.put(stream, new Answer());
        return stream;
    }

    public int start(byte[] headerBlock, boolean endStream) throws IOException {
        int stream = begin();
        int flags = endStream ? END_STREAM : 0;
        for (int at = 0; at < headerBlock.length; at += MAX_FRAME) {
            byte[] part = Arrays.copyOfRange(headerBlock, at, Math.min(at + MAX_FRAME, headerBlock.length));
            int last = at + MAX_FRAME < headerBlock.length ? 0 : END_HEADERS;
            frame(at == 0 ? HEADERS : CONTINUATION, at == 0 ? flags | last : last, stream, part);
        }
        return stream;
    }

    /** Makes one call with these bytes as its body, and returns how it ended. */
    public String call(byte[] headerBlock, byte[] body) throws Exception {
        int stream = start(headerBlock);
        frame(DATA, END_STREAM, stream, body);
        flush();
        return answer(stream);
    }

    /** Returns how a stream ended: the name of its gRPC status, or the HTTP/2 error, or what ended the connection. */
    public String answer(int stream) throws Exception {
        try {
            return answers.get(stream).done.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "no answer";
        }
    }

    /** Returns the error with which the server has reset a stream, which it may do after its answer. */
    public String reset(int stream) throws Exception {
        try {
            return answers.get(stream).reset.get(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "no reset";
        }
    }

    /** Returns a header that the server has sent on a stream, or null. */
    public @Nullable String header(int stream, String name) {
        return answers.get(stream).headers.get(name);
    }

    public boolean waiting(int stream) {
        return !answers.get(stream).done.isDone();
    }

    /** Returns how the server ended the connection, or "open" if it has not within this time. */
    public String end(long millis) throws Exception {
        try {
            return end.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return "open";
        }
    }

    public boolean ended() {
        return end.isDone();
    }

    /** Returns whether the server has closed a connection without another reader, or does so within a millisecond. */
    public boolean abandoned() throws IOException {
        socket.setSoTimeout(1);
        try {
            while (socket.getInputStream().read(new byte[1024]) >= 0) {}
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Returns the streams that the server allows at once. */
    public int maxConcurrentStreams() {
        return maxConcurrentStreams;
    }

    /** Starts to read; the future completes with the first settings. */
    public CompletableFuture<Void> read() throws IOException {
        CompletableFuture<Void> settings = new CompletableFuture<>();
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Thread reader = new Thread(
                () -> {
                    String reason = "closed";
                    try {
                        while (true) {
                            receive(in, settings);
                        }
                    } catch (IOException e) {
                        reason = goAway.isEmpty() ? "closed" : goAway;
                    } finally {
                        end(reason);
                        settings.completeExceptionally(new IOException("The connection ended: " + reason));
                    }
                },
                "raw connection");
        reader.setDaemon(true);
        reader.start();
        return settings;
    }

    private void end(String reason) {
        end.complete(reason);
        answers.values().forEach(answer -> answer.done.complete(reason));
    }

    private void receive(DataInputStream in, CompletableFuture<Void> settings) throws IOException {
        int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = in.readNBytes(length);
        Answer answer = answers.getOrDefault(stream, new Answer());
        switch (type) {
            case HEADERS -> {
                answer.headers.putAll(Hpack.decode(payload));
                if ((flags & END_STREAM) != 0) {
                    answer.finish();
                }
            }
            case DATA -> {
                if ((flags & END_STREAM) != 0) {
                    answer.finish();
                }
            }
            case RST_STREAM -> {
                answer.reset.complete(error(payload, 0));
                answer.done.complete("RST_STREAM " + error(payload, 0));
            }
            case GOAWAY -> goAway = "GOAWAY " + error(payload, 4);
            case PING -> {
                if ((flags & ACK) == 0) {
                    frame(PING, ACK, 0, payload);
                    flush();
                }
            }
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    for (int i = 0; i < length; i += 6) {
                        if (payload[i + 1] == 3) {
                            maxConcurrentStreams = integer(payload, i + 2);
                        }
                    }
                    frame(SETTINGS, ACK, 0, new byte[0]);
                    flush();
                    settings.complete(null);
                }
            }
            default -> {}
        }
    }

    private static String error(byte[] payload, int offset) {
        int code = integer(payload, offset);
        return code < ERRORS.length ? ERRORS[code] : String.valueOf(code);
    }

    private static int integer(byte[] bytes, int offset) {
        return ByteBuffer.wrap(bytes, offset, 4).getInt();
    }

    /** Resets the connection instead of closing it in order. */
    public void hangUp() throws IOException {
        socket.setSoLinger(true, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(this);
        socket.close();
    }

    private static final class Answer {

        private final Map<String, String> headers = new ConcurrentHashMap<>();
        private final CompletableFuture<String> done = new CompletableFuture<>();
        private final CompletableFuture<String> reset = new CompletableFuture<>();

        void finish() {
            String status = headers.get("grpc-status");
            done.complete(
                    status == null
                            ? "HTTP " + headers.get(":status")
                            : Status.fromCodeValue(Integer.parseInt(status))
                                    .getCode()
                                    .name());
        }
    }
}
