package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;
import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.END_STREAM;
import static dev.greeter.test.RawConnection.LOTS_OF_REPLIES;
import static dev.greeter.test.RawConnection.LOTS_OF_REQUESTS;
import static dev.greeter.test.RawConnection.RST_STREAM;
import static dev.greeter.test.RawConnection.SAY_HELLO;
import static dev.greeter.test.RawConnection.call;
import static dev.greeter.test.RawConnection.hello;
import static dev.greeter.test.RawConnection.message;
import static dev.greeter.test.RawConnection.number;

import dev.greeter.test.RawConnection;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One caller that sends whatever a proxy lets through, on the connection that it shares with others. */
final class SharedConnections {

    private static final byte[] NOTHING = {};
    private static final byte[] GOOD = message(hello("Ada"));
    private static final int CALLERS = 5;
    private static final int ROUNDS = 20;

    private SharedConnections() {}

    /** Returns one scenario for each proxy that is installed. */
    static List<Scenario> scenarios() {
        List<Scenario> scenarios = new ArrayList<>();
        for (Proxy proxy : Proxy.values()) {
            if (proxy.isInstalled()) {
                String name = "shared connection behind " + proxy.program;
                scenarios.add(new Scenario(name, Duration.ofMinutes(5), () -> behind(proxy)));
            } else {
                System.out.println("SKIP shared connection: " + proxy.program + " is not on the PATH");
            }
        }
        return scenarios;
    }

    private static String behind(Proxy proxy) throws Exception {
        try (ServerProcess server = ServerProcess.start(List.of("-Xmx256m"))) {
            int port = freePort();
            Process process = proxy.start(port, server.port());
            List<HonestCaller> callers = new ArrayList<>();
            try {
                for (int i = 0; i < CALLERS; i++) {
                    ManagedChannel channel = channel(port);
                    callers.add(HonestCaller.greeting(channel, 1, Duration.ofMillis(100), channel::shutdownNow));
                }
                for (HonestCaller caller : callers) {
                    caller.awaitMore(10);
                }
                // Later a proxy may have more, because it sets aside a connection after the reset of a stream.
                int connections = connections(server);
                check(connections < CALLERS, "the callers have connections of their own: " + connections);
                Map<String, Map<String, Integer>> answers = new LinkedHashMap<>();
                for (int i = 0; i < ROUNDS; i++) {
                    nonsense(port, answers);
                }
                int calls = 0;
                for (HonestCaller caller : callers) {
                    HonestCaller.Summary honest = caller.stop();
                    check(honest.failed() == 0, "an honest caller noticed: " + honest + "; answers: " + answers);
                    calls += honest.succeeded();
                }
                return calls + " honest calls on " + connections + " connections, none failed; answers: " + answers;
            } finally {
                RawConnection.closeAll();
                callers.forEach(HonestCaller::close);
                process.destroyForcibly().onExit().join();
            }
        }
    }

    /** Sends something by a separate call, on a connection to the proxy that may be closed afterwards. */
    private interface Nonsense {
        int send(RawConnection connection) throws IOException;
    }

    private static void nonsense(int port, Map<String, Map<String, Integer>> answers) throws Exception {
        Map<String, Nonsense> kinds = new LinkedHashMap<>();
        kinds.put("binary that is not", c -> whole(c, call(SAY_HELLO, "x-bin", "!!!"), GOOD));
        kinds.put("upper case", c -> whole(c, call(SAY_HELLO, "Shout", "x"), GOOD));
        kinds.put("te: gzip", c -> whole(c, call(SAY_HELLO, "te", "gzip"), GOOD));
        kinds.put("connection: close", c -> whole(c, call(SAY_HELLO, "connection", "close"), GOOD));
        kinds.put("an empty path", c -> whole(c, call(""), GOOD));
        kinds.put("snappy", c -> whole(c, call(SAY_HELLO, "grpc-encoding", "snappy"), GOOD));
        kinds.put("no time", c -> whole(c, call(SAY_HELLO, "grpc-timeout", "0n"), GOOD));
        kinds.put("little time", c -> whole(c, call(BIDI, "grpc-timeout", "1m"), GOOD));
        kinds.put("no message", c -> whole(c, call(SAY_HELLO), NOTHING));
        kinds.put("half a message", c -> whole(c, call(SAY_HELLO), message(0, 100, NOTHING)));
        kinds.put("garbage", c -> whole(c, call(LOTS_OF_REPLIES), message(new byte[] {7, 7, 7})));
        kinds.put("a length that lies", c -> whole(c, call(SAY_HELLO, "content-length", "3"), GOOD));
        for (int size : new int[] {10_000, 15_000, 17_000, 21_000, 30_000, 60_000}) {
            kinds.put(size + " bytes of metadata", c -> whole(c, call(SAY_HELLO, "x", "y".repeat(size)), GOOD));
        }
        for (int size : new int[] {70_000, 5_000_000}) {
            kinds.put("a message of " + size, c -> begun(c, call(BIDI), message(0, size, NOTHING)));
        }
        kinds.put("data after malformed headers", c -> many(c, call(LOTS_OF_REQUESTS, "x-bin", "!!!")));
        kinds.put("data after te: gzip", c -> many(c, call(LOTS_OF_REQUESTS, "te", "gzip")));
        kinds.put("data after the end", c -> many(c, call(LOTS_OF_REQUESTS)));
        kinds.put("resets", c -> {
            int stream = 0;
            for (int i = 0; i < 10; i++) {
                stream = c.start(call(BIDI));
                c.frame(DATA, 0, stream, GOOD);
                c.frame(RST_STREAM, 0, stream, number(8));
            }
            return whole(c, call(SAY_HELLO), GOOD);
        });
        for (Map.Entry<String, Nonsense> kind : kinds.entrySet()) {
            try (RawConnection connection = RawConnection.open(port)) {
                String answer = connection.answer(kind.getValue().send(connection));
                answers.computeIfAbsent(kind.getKey(), key -> new TreeMap<>()).merge(answer, 1, Integer::sum);
            }
        }
    }

    private static int whole(RawConnection connection, byte[] headers, byte[] body) throws IOException {
        int stream = connection.start(headers);
        connection.frame(DATA, END_STREAM, stream, body);
        connection.flush();
        return stream;
    }

    /** Sends the beginning of a message, as much of it as proxies accept before they pass it on. */
    private static int begun(RawConnection connection, byte[] headers, byte[] message) throws IOException {
        int stream = connection.start(headers);
        connection.frame(DATA, 0, stream, message);
        for (int i = 0; i < 3; i++) {
            connection.frame(DATA, 0, stream, new byte[RawConnection.MAX_FRAME]);
        }
        connection.flush();
        return stream;
    }

    /** Sends more requests than the method allows, each in its own frame. */
    private static int many(RawConnection connection, byte[] headers) throws IOException {
        int stream = connection.start(headers);
        try {
            for (int i = 0; i < 3_000; i++) {
                connection.frame(DATA, 0, stream, GOOD);
            }
            connection.frame(DATA, END_STREAM, stream, NOTHING);
            connection.flush();
        } catch (IOException e) {
            // The proxy has closed the connection.
        }
        return stream;
    }

    private static ManagedChannel channel(int port) {
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(
                        "127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
        HealthGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(Duration.ofSeconds(30))
                .check(HealthCheckRequest.getDefaultInstance());
        return channel;
    }

    private static int connections(ServerProcess server) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.managementPort() + "/actuator/prometheus");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("grpc_server_connections"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A proxy that puts the calls of many callers on one connection. */
    private enum Proxy {
        NGHTTPX("nghttpx") {
            @Override
            List<String> command(int port, int server) {
                return List.of(
                        program,
                        "--conf=/dev/null",
                        "--workers=1",
                        "--frontend=127.0.0.1," + port + ";no-tls",
                        "--backend=127.0.0.1," + server + ";;proto=h2",
                        "--errorlog-file=/dev/null",
                        "--accesslog-file=/dev/null");
            }
        },
        HAPROXY("haproxy") {
            @Override
            List<String> command(int port, int server) throws IOException {
                Path configuration = Files.createTempFile(ServerProcess.home(), "haproxy-", ".cfg");
                Files.writeString(configuration, """
                        global
                          nbthread 1
                        defaults
                          mode http
                          timeout connect 5s
                          timeout client 60s
                          timeout server 60s
                        listen greeter
                          bind 127.0.0.1:%d proto h2
                          http-reuse always
                          server greeter 127.0.0.1:%d proto h2
                        """.formatted(port, server));
                return List.of(program, "-f", configuration.toString());
            }
        };

        final String program;

        Proxy(String program) {
            this.program = program;
        }

        abstract List<String> command(int port, int server) throws IOException;

        boolean isInstalled() {
            for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
                if (Files.isExecutable(Path.of(folder, program))) {
                    return true;
                }
            }
            return false;
        }

        Process start(int port, int server) throws IOException {
            return new ProcessBuilder(command(port, server))
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ServerProcess.home().resolve(program + ".log").toFile())
                    .start();
        }
    }
}
