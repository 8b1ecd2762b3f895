package dev.greeter.start;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.JarProcess;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client cannot fill the log: one line per connection at most, and no stack trace. */
class QuietLogIT {

    private static final int STREAMS = 90;
    private static final byte DATA = 0;
    private static final byte HEADERS = 1;
    private static final byte RST_STREAM = 3;
    private static final byte SETTINGS = 4;
    private static final byte PING = 6;
    private static final byte WINDOW_UPDATE = 8;
    private static final byte END_HEADERS = 4;
    private static final byte END_STREAM = 1;
    private static final byte ACK = 1;

    private static JarProcess server;

    private int linesBefore;

    @BeforeAll
    static void start() {
        server = JarProcess.start("--grpc.server.port=0", "--greeter.client.enabled=false");
        server.awaitLine(Pattern.compile("Started GreeterApplication"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void countLines() {
        linesBefore = server.out().size() + server.err().size();
    }

    @Test
    void aClientThatHangsUpWithCallsInFlight() {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .usePlaintext()
                    .build();
            channels.add(channel);
            List<ReplyRecorder<HelloReply>> calls = new ArrayList<>();
            for (int stream = 0; stream < STREAMS; stream++) {
                ReplyRecorder<HelloReply> call = new ReplyRecorder<>();
                GreeterGrpc.newStub(channel)
                        .sayHelloBidiStream(call)
                        .onNext(HelloRequest.newBuilder().setName("Ada").build());
                calls.add(call);
            }
            Awaitility.await()
                    .until(() -> calls.stream().noneMatch(call -> call.soFar().isEmpty()));
        }

        channels.forEach(ManagedChannel::shutdownNow);

        assertQuiet(channels.size());
    }

    @Test
    void bytesThatAreNoHttp2() throws IOException {
        send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
        send(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, -4, 3, 3});

        assertQuiet(2);
    }

    @Test
    void framesThatAreNone() throws IOException {
        send(http2(frame((byte) 77, 0, 0, "unknown"), frame(HEADERS, END_HEADERS, 1, "\377\377\377")));
        send(http2(frame(SETTINGS, 0, 0, "odd")));
        send(http2(frame(DATA, 0, 1, "idle stream")));
        send(http2(frame(WINDOW_UPDATE, 0, 0, "\0\0\0\0")));

        assertQuiet(4);
    }

    @Test
    void acknowledgementsOfPingsThatWereNotSent() throws IOException {
        byte[][] pings = new byte[STREAMS][];
        Arrays.fill(pings, frame(PING, ACK, 0, "12345678"));

        send(http2(pings));

        assertQuiet(1);
    }

    @Test
    void headersThatAreRefused() throws IOException {
        send(streams(headers("content-type", "text/plain"), ""));
        send(streams(headers("content-type", "application/grpc", "connection", "close"), ""));
        send(streams(headers("content-type", "application/grpc", "grpc-timeout", "soon"), ""));
        send(streams(headers("content-type", "application/grpc", "grpc-encoding", "none-such"), ""));
        send(streams(headers("content-type", "application/grpc", "token-bin", "%%%"), ""));
        send(streams(headers("content-type", "application/grpc", "UPPER", "case"), ""));

        assertQuiet(6);
    }

    @Test
    void messagesThatAreNone() throws IOException {
        send(streams(headers("content-type", "application/grpc", "te", "trailers"), "\7\0\0\0\1x"));
        send(streams(headers("content-type", "application/grpc", "te", "trailers"), "\0\0\0\0\11half"));
        send(streams(headers("content-type", "application/grpc", "te", "trailers"), "\0\177\377\377\377"));
        send(streams(headers("content-type", "application/grpc", "te", "trailers"), "\0\0\0\0\3\12\144x"));
        send(streams(headers("content-type", "application/grpc", "grpc-encoding", "gzip"), "\1\0\0\0\1x"));

        assertQuiet(5);
    }

    @Test
    void streamsThatAreResetAtOnce() throws IOException {
        byte[][] frames = new byte[2 * STREAMS][];
        for (int i = 0; i < STREAMS; i++) {
            frames[2 * i] = frame(HEADERS, END_HEADERS, 2 * i + 1, headers("content-type", "application/grpc"));
            frames[2 * i + 1] = frame(RST_STREAM, 0, 2 * i + 1, "\0\0\0\10");
        }

        send(http2(frames));

        assertQuiet(1);
    }

    /** A greeting that is answered shows that the server has read what came before. */
    private void assertQuiet(int connections) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        GreeterGrpc.newBlockingStub(channel)
                .sayHello(HelloRequest.newBuilder().setName("Ada").build());
        channel.shutdownNow();

        List<String> lines = new ArrayList<>(server.out());
        lines.addAll(server.err());
        assertThat(lines.subList(Math.min(linesBefore, lines.size()), lines.size()))
                .hasSizeLessThanOrEqualTo(connections)
                .noneMatch(line -> line.startsWith("\tat ") || line.contains("Exception: "));
    }

    /** Sends the bytes on a separate connection and reads until the server sends nothing more. */
    private static void send(byte[] bytes) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(200);
            socket.getOutputStream().write(bytes);
            byte[] answer = new byte[8_192];
            while (socket.getInputStream().read(answer) != -1) {
                // The answers of the server do not matter here.
            }
        } catch (SocketTimeoutException | SocketException end) {
            // The server waits for more, or has closed the connection.
        }
    }

    private static byte[] streams(String headers, String data) {
        byte[][] frames = new byte[2 * STREAMS][];
        for (int i = 0; i < STREAMS; i++) {
            frames[2 * i] = frame(HEADERS, END_HEADERS, 2 * i + 1, headers);
            frames[2 * i + 1] = frame(DATA, END_STREAM, 2 * i + 1, data);
        }
        return http2(frames);
    }

    private static byte[] http2(byte[]... frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        bytes.writeBytes(frame(SETTINGS, 0, 0, ""));
        for (byte[] frame : frames) {
            bytes.writeBytes(frame);
        }
        return bytes.toByteArray();
    }

    private static byte[] frame(byte type, int flags, int stream, String payload) {
        byte[] bytes = payload.getBytes(ISO_8859_1);
        return ByteBuffer.allocate(9 + bytes.length)
                .put((byte) (bytes.length >> 16))
                .putShort((short) bytes.length)
                .put(type)
                .put((byte) flags)
                .putInt(stream)
                .put(bytes)
                .array();
    }

    /** A header block of literal fields, which need no state. */
    private static String headers(String... fields) {
        StringBuilder block = new StringBuilder();
        String[] pseudo = {
            ":method", "POST", ":scheme", "http", ":path", "/helloworld.Greeter/SayHello", ":authority", "x"
        };
        for (String[] list : new String[][] {pseudo, fields}) {
            for (int i = 0; i < list.length; i += 2) {
                block.append('\0');
                for (String text : new String[] {list[i], list[i + 1]}) {
                    block.append((char) text.length()).append(text);
                }
            }
        }
        return block.toString();
    }
}
