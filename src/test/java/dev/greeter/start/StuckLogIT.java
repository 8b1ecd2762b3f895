package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterFutureStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.JarProcess;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A log that nobody reads holds up neither the calls nor the stop, and says what it has left out. */
class StuckLogIT {

    /** More lines of the access log than a pipe and the queue before it hold. */
    private static final int CALLS = 6_000;

    private static final int CALLS_AT_ONCE = 50;

    private static final Pattern STARTED = Pattern.compile("Started GreeterApplication");
    private static final Pattern MISSING = Pattern.compile("(\\d+) lines are missing here");

    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void disconnect() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void callsAreAnsweredWhileNobodyReadsAndTheLogSaysHowManyLinesAreMissing() throws Exception {
        try (JarProcess server = start()) {
            int managementPort = server.managementPort();
            server.awaitLine(STARTED);
            server.stopReading();
            greet(server);

            String metrics = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://localhost:" + managementPort + "/actuator/prometheus"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            assertThat(metrics).containsPattern("logback_events_dropped_total [1-9]");

            server.readOn();
            server.awaitLine(MISSING);
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            int missing = server.out().stream()
                    .map(MISSING::matcher)
                    .filter(Matcher::find)
                    .mapToInt(line -> Integer.parseInt(line.group(1)))
                    .sum();
            assertThat(server.out().stream().filter(line -> line.contains("Greeter/SayHello OK")))
                    .hasSize(CALLS - missing);
        }
    }

    @Test
    void sigtermEndsAServerWhoseLogNobodyReads() throws Exception {
        try (JarProcess server = start()) {
            server.awaitLine(STARTED);
            server.stopReading();
            greet(server);

            server.terminate();
            await().atMost(Duration.ofSeconds(20)).until(() -> !server.isAlive());
            server.readOn();
            assertThat(server.awaitExit()).isZero();
        }
    }

    /** A named pipe stands for a disk that no longer answers. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aLogFileThatAcceptsNoMoreHoldsUpNothingEither(@TempDir Path directory) throws Exception {
        Path pipe = directory.resolve("greeter.log");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process reader = new ProcessBuilder("sh", "-c", "exec 3<>" + pipe + " && exec sleep 600").start();
        try (JarProcess server = start("--logging.file.name=" + pipe)) {
            server.awaitLine(STARTED);
            greet(server);

            server.terminate();
            assertThat(server.awaitExit()).isZero();
        } finally {
            reader.destroyForcibly();
        }
        assertThat(Files.exists(pipe)).isTrue();
    }

    private static JarProcess start(String... settings) {
        List<String> arguments = new ArrayList<>(
                List.of("--grpc.server.port=0", "--greeter.client.enabled=false", "--service.access-log.enabled=true"));
        arguments.addAll(List.of(settings));
        return JarProcess.start(arguments.toArray(String[]::new));
    }

    private void greet(JarProcess server)
            throws ExecutionException, InterruptedException, TimeoutException, IOException {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        channels.add(channel);
        GreeterFutureStub greeter = GreeterGrpc.newFutureStub(channel);
        for (int made = 0; made < CALLS; made += CALLS_AT_ONCE) {
            List<ListenableFuture<HelloReply>> replies = new ArrayList<>();
            for (int i = 0; i < CALLS_AT_ONCE; i++) {
                replies.add(greeter.sayHello(
                        HelloRequest.newBuilder().setName("Ada").build()));
            }
            assertThat(Futures.allAsList(replies).get(10, TimeUnit.SECONDS)).hasSize(CALLS_AT_ONCE);
        }
    }
}
