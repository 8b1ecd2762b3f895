package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;
import static dev.greeter.test.RawConnection.*;

import dev.greeter.resilience.Abuse.Attack;
import dev.greeter.resilience.Abuse.Seen;
import dev.greeter.test.Hpack;
import dev.greeter.test.RawConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** Attacks by malformed input, and the refusal that the specification requires. */
final class Malformed {

    private static final byte[] NOTHING = {};
    private static final byte[] GOOD = message(hello("Ada"));
    private static final List<String> KINDS = List.of(SAY_HELLO, LOTS_OF_REPLIES, LOTS_OF_REQUESTS, BIDI);

    private Malformed() {}

    static Map<String, Attack> attacks() {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("undecodable requests", Malformed::requests);
        attacks.put("bad metadata", Malformed::metadata);
        attacks.put("malformed frames", Malformed::frames);
        attacks.put("not HTTP/2 at all", Malformed::noise);
        attacks.put("random messages", Malformed::randomMessages);
        attacks.put("decompression bombs", Malformed::bombs);
        attacks.put("invented methods by the thousand", Malformed::inventedMethods);
        return attacks;
    }

    private static Seen requests(ServerProcess server) throws Exception {
        byte[] badUtf8 = {0x0a, 2, (byte) 0xc3, 0x28};
        byte[] zipped = gzip(hello("Ada"));
        Expectations expect = new Expectations(server.port());
        for (String kind : KINDS) {
            byte[] plain = call(kind);
            byte[] gzip = call(kind, "grpc-encoding", "gzip");
            expect.answer("garbage", plain, message(new byte[] {0x0a, (byte) 0xff, 1}), "INTERNAL");
            expect.answer("a bad tag", plain, message(new byte[] {7, 7, 7}), "INTERNAL");
            expect.answer("invalid UTF-8", plain, message(badUtf8), "INTERNAL");
            expect.answer("half a message", plain, message(0, 100, new byte[50]), "INTERNAL");
            expect.answer("half a length", plain, new byte[] {0, 0, 0}, "INTERNAL");
            expect.answer("an unknown flag", plain, message(2, 5, hello("Ada")), "INTERNAL");
            expect.answer("a negative length", plain, message(0, -1, NOTHING), "RESOURCE_EXHAUSTED");
            expect.answer("a huge length", plain, message(0, Integer.MAX_VALUE, NOTHING), "RESOURCE_EXHAUSTED");
            expect.answer("16 MiB announced", plain, message(0, 1 << 24, NOTHING), "RESOURCE_EXHAUSTED");
            expect.answer("compressed without encoding", plain, message(1, zipped.length, zipped), "INTERNAL");
            expect.answer("not gzip", gzip, message(1, 5, hello("Ada")), "INTERNAL");
            expect.answer("half a gzip", gzip, message(1, 12, Arrays.copyOf(zipped, 12)), "INTERNAL");
            byte[] unknown = call(kind, "grpc-encoding", "snappy");
            expect.answer("unknown encoding", unknown, message(1, zipped.length, zipped), "UNIMPLEMENTED");
        }
        for (String kind : List.of(SAY_HELLO, LOTS_OF_REPLIES)) {
            expect.answer("no message", call(kind), NOTHING, "UNIMPLEMENTED");
            expect.answer("two messages", call(kind), twice(GOOD), "UNIMPLEMENTED");
        }
        return expect.seen();
    }

    private static Seen metadata(ServerProcess server) throws Exception {
        Expectations expect = new Expectations(server.port());
        for (String timeout : List.of("", "S", "1", "x", "-1S", "1 S", "999999999S", "1Y", "1s1s", "\u00e9S")) {
            byte[] call = call(SAY_HELLO, "grpc-timeout", timeout);
            expect.answer("grpc-timeout \"" + timeout + "\"", call, GOOD, "INTERNAL");
        }
        for (String timeout : List.of("0n", "0u", "0m", "0S", "0M", "0H", "1n")) {
            byte[] over = call(SAY_HELLO, "grpc-timeout", timeout);
            expect.answer("grpc-timeout " + timeout, over, GOOD, "DEADLINE_EXCEEDED");
        }
        for (int size : new int[] {17_000, 21_000, 1 << 16, 1 << 17}) {
            byte[] large = call(SAY_HELLO, "x", "y".repeat(size));
            expect.answer(size + " bytes of metadata", large, GOOD, "RESOURCE_EXHAUSTED");
        }
        String[] many = new String[2_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = "x-" + i / 2;
        }
        expect.answer("1,000 headers", call(SAY_HELLO, many), GOOD, "RESOURCE_EXHAUSTED");
        String malformed = "INTERNAL";
        expect.answer("binary that is not", call(SAY_HELLO, "x-bin", "%%%"), GOOD, malformed);
        expect.answer("upper case", call(SAY_HELLO, "Shout", "x"), GOOD, malformed);
        expect.answer("an empty name", call(SAY_HELLO, "", "x"), GOOD, malformed, "OK");
        expect.answer("a pseudo-header twice", call(SAY_HELLO, ":path", "/"), GOOD, malformed);
        expect.answer("an unknown pseudo-header", call(SAY_HELLO, ":x", "y"), GOOD, malformed);
        expect.answer("line breaks", call(SAY_HELLO, "x", "a\r\nb"), GOOD, malformed, "OK");
        expect.answer("connection: close", call(SAY_HELLO, "connection", "close"), GOOD, malformed);
        expect.answer("te: gzip", call(SAY_HELLO, "te", "gzip"), GOOD, malformed);
        expect.answer("two authorities", call(SAY_HELLO, "host", "elsewhere"), GOOD, "OK", "INTERNAL");
        expect.answer("GET", headers("GET", SAY_HELLO, "application/grpc"), GOOD, "HTTP 405", "INTERNAL");
        expect.answer("text/html", headers("POST", SAY_HELLO, "text/html"), GOOD, "HTTP 415", "INTERNAL");
        expect.answer("json", headers("POST", SAY_HELLO, "application/grpc+json"), GOOD, "UNIMPLEMENTED");
        for (String path : List.of("/", "//", "/helloworld.Greeter/", "/helloworld.Greeter", "/a/b/c", "/\u00ff/")) {
            expect.answer("path " + path, call(path), GOOD, "UNIMPLEMENTED");
        }
        expect.answer("a path without slash", call("SayHello"), GOOD, "UNIMPLEMENTED");
        expect.answer("no path", Hpack.encode(":method", "POST", "te", "trailers"), GOOD, "UNIMPLEMENTED");
        expect.answer("an empty path", call(""), GOOD, "UNIMPLEMENTED");
        return expect.seen();
    }

    private static byte[] headers(String method, String path, String contentType) {
        return Hpack.encode(
                ":method",
                method,
                ":scheme",
                "http",
                ":path",
                path,
                ":authority",
                "localhost",
                "content-type",
                contentType,
                "te",
                "trailers");
    }

    /** Sends something on a connection that has its settings. */
    private interface Nonsense {
        void send(RawConnection connection) throws IOException;
    }

    private static Seen frames(ServerProcess server) throws Exception {
        Map<String, Nonsense> nonsense = new LinkedHashMap<>();
        nonsense.put("a frame of 16 MiB", c -> c.frame(0xffffff, DATA, 0, 1, NOTHING));
        nonsense.put("DATA on stream 0", c -> c.frame(DATA, 0, 0, GOOD));
        nonsense.put("HEADERS on stream 0", c -> c.frame(HEADERS, END_HEADERS, 0, call(SAY_HELLO)));
        nonsense.put("HEADERS on an even stream", c -> c.frame(HEADERS, END_HEADERS, 2, call(SAY_HELLO)));
        nonsense.put(
                "HEADERS of bad HPACK",
                c -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0xff, -1, -1, -1, -1, -1}));
        nonsense.put("an HPACK index out of range", c -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {(byte) 0xfe}));
        nonsense.put(
                "a header of 4 GiB", c -> c.frame(HEADERS, END_HEADERS, 1, new byte[] {0, 0x7f, -1, -1, -1, -1, 0xf}));
        nonsense.put("padding longer than the frame", c -> c.frame(HEADERS, END_HEADERS | 8, 1, new byte[] {100, 0}));
        nonsense.put("CONTINUATION out of nowhere", c -> c.frame(CONTINUATION, END_HEADERS, 1, call(SAY_HELLO)));
        nonsense.put("PING amid headers", c -> {
            c.frame(HEADERS, 0, 1, call(SAY_HELLO));
            c.frame(PING, 0, 0, new byte[8]);
        });
        nonsense.put("PING of 4 bytes", c -> c.frame(PING, 0, 0, new byte[4]));
        nonsense.put("PING on a stream", c -> c.frame(PING, 0, 1, new byte[8]));
        nonsense.put("SETTINGS of 5 bytes", c -> c.frame(SETTINGS, 0, 0, new byte[5]));
        nonsense.put("SETTINGS on a stream", c -> c.frame(SETTINGS, 0, 1, settings()));
        nonsense.put("a SETTINGS ACK with settings", c -> c.frame(SETTINGS, ACK, 0, settings(4, 1)));
        nonsense.put("an initial window out of range", c -> c.frame(SETTINGS, 0, 0, settings(4, -1)));
        nonsense.put("a frame size out of range", c -> c.frame(SETTINGS, 0, 0, settings(5, 1)));
        nonsense.put("a window update of 0", c -> c.frame(WINDOW_UPDATE, 0, 0, number(0)));
        nonsense.put("a window overflow", c -> c.frame(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE)));
        nonsense.put("RST_STREAM of 3 bytes", c -> c.frame(RST_STREAM, 0, 1, new byte[3]));
        nonsense.put("PUSH_PROMISE", c -> c.frame(PUSH_PROMISE, END_HEADERS, 1, number(2)));
        nonsense.put("more than the window", c -> {
            int stream = c.start(call(LOTS_OF_REQUESTS));
            byte[] big = new byte[MAX_FRAME];
            c.frame(DATA, 0, stream, message(0, 1 << 20, NOTHING));
            for (int i = 0; i < 200; i++) {
                c.frame(DATA, 0, stream, big);
            }
        });
        Map<String, Integer> ends = new TreeMap<>();
        List<String> unpunished = new ArrayList<>();
        for (Map.Entry<String, Nonsense> frame : nonsense.entrySet()) {
            try (RawConnection connection = open(server.port())) {
                try {
                    frame.getValue().send(connection);
                    connection.flush();
                } catch (IOException e) {
                    // The server has closed the connection.
                }
                String end = connection.end(1_000);
                if (end.equals("open") && !frame.getKey().equals("more than the window")) {
                    unpunished.add(frame.getKey());
                }
                ends.merge(end, 1, Integer::sum);
            }
        }
        check(unpunished.isEmpty(), "not refused: " + unpunished);
        return new Seen(nonsense.size(), nonsense.size() + " connections: " + ends);
    }

    private static Seen noise(ServerProcess server) throws Exception {
        Random random = new Random(1);
        List<byte[]> openings = new ArrayList<>();
        openings.add("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        openings.add(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
        openings.add(PREFACE);
        for (int i = 0; i < 100; i++) {
            byte[] bytes = new byte[10_000];
            random.nextBytes(bytes);
            if (i % 2 == 0) {
                System.arraycopy(PREFACE, 0, bytes, 0, PREFACE.length);
            }
            openings.add(bytes);
        }
        int answered = 0;
        for (byte[] opening : openings) {
            try (RawConnection connection = connect(server.port())) {
                connection.raw(opening);
                connection.flush();
                for (int i = 0; i < 200 && !connection.abandoned(); i++) {}
                answered++;
            } catch (IOException e) {
                answered++;
            }
        }
        return new Seen(openings.size(), answered + " connections");
    }

    private static Seen randomMessages(ServerProcess server) throws Exception {
        Random random = new Random(2);
        Map<String, Integer> statuses = new TreeMap<>();
        try (RawConnection connection = open(server.port())) {
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = new byte[random.nextInt(50)];
                random.nextBytes(bytes);
                if (i % 2 == 0 && bytes.length > 1) {
                    bytes[0] = 0x0a;
                    bytes[1] = (byte) (bytes.length - 2);
                }
                statuses.merge(connection.call(call(KINDS.get(i % 4)), message(bytes)), 1, Integer::sum);
            }
        }
        check(
                List.of("OK", "INVALID_ARGUMENT", "INTERNAL").containsAll(statuses.keySet()),
                "unexpected answers: " + statuses);
        return new Seen(1, statuses.toString());
    }

    /** Names of 64 MiB in 64 KiB, many at once: four times the heap of the server. */
    private static Seen bombs(ServerProcess server) throws Exception {
        byte[] bomb = bomb(1 << 26);
        Map<String, Integer> statuses = new TreeMap<>();
        for (int i = 0; i < 10; i++) {
            try (RawConnection connection = open(server.port())) {
                List<Integer> streams = new ArrayList<>();
                for (int j = 0; j < 10; j++) {
                    streams.add(send(connection, KINDS.get(j % 4), bomb));
                }
                for (int stream : streams) {
                    statuses.merge(connection.answer(stream), 1, Integer::sum);
                }
            }
        }
        check(statuses.keySet().equals(Set.of("RESOURCE_EXHAUSTED")), "unexpected answers: " + statuses);
        return new Seen(10, statuses.toString());
    }

    /** Sends a message that inflates to this many bytes. */
    static void inflate(RawConnection connection, int bytes) throws IOException {
        send(connection, SAY_HELLO, bomb(bytes));
    }

    /** Returns a compressed HelloRequest with a name of this many bytes. */
    private static byte[] bomb(int length) {
        byte[] request = new byte[length + 6];
        Arrays.fill(request, (byte) 'A');
        request[0] = 0x0a;
        for (int i = 1, rest = length; i <= 5; i++, rest >>>= 7) {
            request[i] = (byte) ((rest & 0x7f) | (i < 5 ? 0x80 : 0));
        }
        return gzip(request);
    }

    private static int send(RawConnection connection, String method, byte[] gzip) throws IOException {
        int stream = connection.start(call(method, "grpc-encoding", "gzip"));
        byte[] body = message(1, gzip.length, gzip);
        for (int at = 0; at < body.length; at += MAX_FRAME) {
            byte[] part = Arrays.copyOfRange(body, at, Math.min(at + MAX_FRAME, body.length));
            connection.frame(DATA, at + MAX_FRAME < body.length ? 0 : END_STREAM, stream, part);
        }
        connection.flush();
        return stream;
    }

    private static Seen inventedMethods(ServerProcess server) throws Exception {
        Map<String, Integer> statuses = new TreeMap<>();
        try (RawConnection connection = open(server.port())) {
            for (int i = 0; i < 5_000; i += 50) {
                List<Integer> streams = new ArrayList<>();
                for (int j = i; j < i + 50; j++) {
                    String service = j % 2 == 0 ? "/helloworld.Greeter/" : "/invented.Service" + j + "/";
                    int stream = connection.start(call(service + "Method" + j));
                    connection.frame(DATA, END_STREAM, stream, GOOD);
                    streams.add(stream);
                }
                connection.flush();
                for (int stream : streams) {
                    statuses.merge(connection.answer(stream), 1, Integer::sum);
                }
            }
        }
        check(statuses.keySet().equals(Set.of("UNIMPLEMENTED")), "unexpected answers: " + statuses);
        return new Seen(1, statuses.toString());
    }

    private static byte[] twice(byte[] bytes) {
        byte[] both = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(bytes, 0, both, bytes.length, bytes.length);
        return both;
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    /** Compares answers with those expected, all on one connection. */
    private static final class Expectations {

        private final RawConnection connection;
        private final List<String> wrong = new ArrayList<>();
        private int answers;

        Expectations(int port) throws Exception {
            this.connection = RawConnection.open(port);
        }

        void answer(String what, byte[] headerBlock, byte[] body, String... expected) throws Exception {
            String answer;
            try {
                answer = connection.call(headerBlock, body);
            } catch (IOException e) {
                answer = connection.end(1_000);
            }
            answers++;
            if (!List.of(expected).contains(answer)) {
                wrong.add(what + ": " + answer + " instead of " + String.join(" or ", expected));
            }
        }

        Seen seen() throws Exception {
            check(wrong.isEmpty(), wrong.size() + " wrong answers: " + String.join("; ", wrong));
            String answer = connection.call(RawConnection.call(SAY_HELLO), GOOD);
            check(answer.equals("OK"), "a good call on the same connection: " + answer);
            return new Seen(1, answers + " answers as they should be on one connection");
        }
    }
}
