package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.greeter.test.JarProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that may open no more files says so once on each port, and once that it can accept connections again. */
@EnabledOnOs(OS.LINUX)
class AcceptFailuresIT {

    /** How many more files the process may open. */
    private static final int FILES_LEFT = 60;

    private static final List<String> PORTS = List.of("gRPC", "web", "management");

    private final List<Socket> sockets = new ArrayList<>();

    @Test
    void oneLineWhenItBeginsAndOneWhenItEnds() throws Exception {
        try (JarProcess server = JarProcess.start(
                "--grpc.server.port=0",
                "--greeter.client.enabled=false",
                "--service.limit.handshake-timeout=10m",
                "--server.tomcat.max-connections=1000")) {
            server.awaitLine(Pattern.compile("Started GreeterApplication"));
            limit(server.pid());

            open(server.port(), FILES_LEFT + 5);
            server.awaitLine(failure("gRPC"));
            for (String port : List.of("web", "management")) {
                open(port.equals("web") ? server.webPort() : server.managementPort(), 3);
                server.awaitLine(failure(port));
            }
            await().pollDelay(Duration.ofSeconds(4)).until(() -> true);

            for (Socket socket : sockets) {
                socket.close();
            }
            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                for (int port : List.of(server.port(), server.webPort(), server.managementPort())) {
                    new Socket(InetAddress.getLoopbackAddress(), port).close();
                }
                assertThat(server.out())
                        .filteredOn(said -> said.contains(" port again, after"))
                        .hasSize(PORTS.size());
            });

            for (String port : PORTS) {
                assertThat(server.out())
                        .filteredOn(said -> said.contains("on the " + port + " port"))
                        .hasSize(2);
            }
            assertThat(server.output()).doesNotContain("\tat ", "Exception");
        }
    }

    private static Pattern failure(String port) {
        return Pattern.compile("No connection can be accepted on the " + port + " port: .*Too many open files");
    }

    /** The JVM makes its own limit the highest that it may have, and keeps the files of its classes open. */
    private static void limit(long process) throws IOException, InterruptedException {
        long limit;
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(process), "fd"))) {
            limit = open.count() + FILES_LEFT;
        }
        assertThat(new ProcessBuilder("prlimit", "--pid", Long.toString(process), "--nofile=" + limit)
                        .start()
                        .waitFor())
                .isZero();
    }

    private void open(int port, int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
        }
    }
}
