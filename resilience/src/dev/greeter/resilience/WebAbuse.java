package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.resilience.Abuse.Attack;
import dev.greeter.resilience.Abuse.Seen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Attacks by HTTP/1.1 on the web port: requests that are never completed, too large, or large only once they are read. */
final class WebAbuse {

    private static final int MANY = 500;
    private static final int PIPELINED = 20_000;
    private static final int BOMBS = 20;
    private static final int BOMB_BYTES = 100 * 1024 * 1024;
    private static final int DEPTH = 10_000;
    private static final String GREETING = "/helloworld.Greeter/SayHello";

    private WebAbuse() {}

    static Map<String, Attack> attacks() {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("half-sent bodies", WebAbuse::halfSentBodies);
        attacks.put("half-sent headers", WebAbuse::halfSentHeaders);
        attacks.put("headers without end", WebAbuse::endlessHeaders);
        attacks.put("answers that nobody reads", WebAbuse::unreadAnswers);
        attacks.put("gzip bombs", WebAbuse::gzipBombs);
        attacks.put("JSON that is nested too deep", WebAbuse::deepJson);
        attacks.put("a body that is too large", WebAbuse::largeBody);
        return attacks;
    }

    private static Seen halfSentBodies(ServerProcess server) throws Exception {
        return held(server, post("content-length: 1000") + "{\"name\": ");
    }

    private static Seen halfSentHeaders(ServerProcess server) throws Exception {
        return held(server, "POST " + GREETING + " HTTP/1.1\r\nhost: a\r\nx-a:");
    }

    private static Seen endlessHeaders(ServerProcess server) throws Exception {
        byte[] headers = ("x-a: " + "b".repeat(1_000) + "\r\n").repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        String answer = answer(server, "POST " + GREETING + " HTTP/1.1\r\nhost: a\r\n", headers);
        check(answer.contains(" 431 "), "1 MB of headers was answered with " + answer);
        return new Seen(1, answer);
    }

    private static Seen unreadAnswers(ServerProcess server) throws Exception {
        byte[] request = (post("content-length: 15") + "{\"name\": \"Eve\"}").getBytes(StandardCharsets.US_ASCII);
        List<Socket> sockets = new ArrayList<>();
        int sent = 0;
        try {
            for (int i = 0; i < 10; i++) {
                Socket socket = connect(server);
                sockets.add(socket);
                sent += flood(socket, request);
            }
            return new Seen(10, sent + " requests accepted");
        } finally {
            close(sockets);
        }
    }

    /** Sends requests until the server reads no more of them. */
    private static int flood(Socket socket, byte[] request) throws IOException, InterruptedException {
        int[] sent = {0};
        Thread sender = new Thread(() -> {
            try {
                while (sent[0] < PIPELINED) {
                    socket.getOutputStream().write(request);
                    sent[0]++;
                }
            } catch (IOException e) {
                // The scenario is over, or the server has closed the connection.
            }
        });
        sender.setDaemon(true);
        sender.start();
        sender.join(1_000);
        return sent[0];
    }

    private static Seen gzipBombs(ServerProcess server) throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] block = new byte[1024 * 1024];
            for (int written = 0; written < BOMB_BYTES; written += block.length) {
                gzip.write(block);
            }
        }
        String answer = "";
        for (int i = 0; i < BOMBS; i++) {
            answer = answer(
                    server, post("content-encoding: gzip", "content-length: " + bomb.size()), bomb.toByteArray());
            check(answer.contains(" 429 "), "a gzip bomb was answered with " + answer);
        }
        return new Seen(BOMBS, answer);
    }

    private static Seen deepJson(ServerProcess server) throws Exception {
        byte[] body = ("{\"name\": " + "[".repeat(DEPTH)).getBytes(StandardCharsets.US_ASCII);
        String answer = answer(server, post("content-length: " + body.length), body);
        check(answer.contains(" 400 "), "deep JSON was answered with " + answer);
        return new Seen(1, answer);
    }

    private static Seen largeBody(ServerProcess server) throws Exception {
        byte[] body = new byte[8 * 1024 * 1024];
        String answer = answer(server, post("content-length: " + body.length), body);
        check(answer.contains(" 429 "), "a large body was answered with " + answer);
        return new Seen(1, answer);
    }

    /** Opens many connections, and sends each the begin of a request. */
    private static Seen held(ServerProcess server, String begin) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < MANY; i++) {
                Socket socket = connect(server);
                sockets.add(socket);
                socket.getOutputStream().write(begin.getBytes(StandardCharsets.US_ASCII));
            }
            Thread.sleep(2_000);
            return new Seen(MANY, MANY + " requests begun");
        } finally {
            close(sockets);
        }
    }

    private static String post(String... headers) {
        return "POST " + GREETING + " HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
                + String.join("\r\n", headers) + "\r\n\r\n";
    }

    /** Returns the first line of the answer to a request. */
    private static String answer(ServerProcess server, String head, byte[] body) throws IOException {
        try (Socket socket = connect(server)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            try {
                socket.getOutputStream().write(body);
            } catch (IOException e) {
                // The answer came before the end.
            }
            StringBuilder line = new StringBuilder();
            InputStream answer = socket.getInputStream();
            for (int read = answer.read(); read >= 0 && read != '\r'; read = answer.read()) {
                line.append((char) read);
            }
            return line.toString();
        }
    }

    /** Connects from an address of its own: limits per peer must not apply to the honest callers beside it. */
    private static Socket connect(ServerProcess server) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 3}), 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.webPort()), 5_000);
        return socket;
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
