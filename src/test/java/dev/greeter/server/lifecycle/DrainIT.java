package dev.greeter.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.JarProcess;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The stop of the packaged application by SIGTERM. */
@DisabledOnOs(OS.WINDOWS)
class DrainIT {

    @Test
    void sigtermFinishesCallsInFlightIsHeldByNothingElseAndExitsWithZero() throws IOException {
        try (JarProcess server = JarProcess.start("--grpc.server.port=0", "--grpc.server.shutdown-grace-period=60s");
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .usePlaintext()
                    .build();
            ReplyRecorder<HealthCheckResponse> watch = new ReplyRecorder<>();
            HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
            ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
            StreamObserver<HelloRequest> requests = GreeterGrpc.newStub(channel).sayHelloBidiStream(replies);
            requests.onNext(name("Ada"));
            await().until(() -> replies.soFar().size() == 1);

            server.terminate();

            assertThat(watch.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(watch.soFar())
                    .extracting(HealthCheckResponse::getStatus)
                    .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
            requests.onNext(name("Zoë"));
            requests.onCompleted();
            Instant end = Instant.now();
            assertThat(replies.all()).hasSize(2);
            assertThat(server.awaitExit()).as(server.output()).isZero();
            assertThat(Duration.between(end, Instant.now())).isLessThan(Duration.ofSeconds(30));
            assertThat(silent.isConnected()).isTrue();
            channel.shutdownNow();
        }
    }

    /** At any time from the first line of the main method until the port is open. */
    @Test
    void sigtermEndsAStartWithZeroAndWithoutAPort(@TempDir Path files) throws IOException {
        boolean started = false;
        int moment = 0;
        while (!started) {
            Path classes = files.resolve("classes-" + moment);
            try (JarProcess server = JarProcess.start(
                    List.of("-Xlog:class+load:file=" + classes),
                    "--grpc.server.port=0",
                    "--greeter.client.enabled=false")) {
                await().until(() ->
                        Files.exists(classes) && Files.readString(classes).contains(" dev.greeter.start.PlainLocale "));
                Duration pause = Duration.ofMillis(50L << moment);
                await().pollDelay(pause).atMost(pause.plusSeconds(1)).until(() -> true);

                server.terminate();

                assertThat(server.awaitExit()).as(server.output()).isZero();
                assertThat(server.output()).doesNotContain("Exception", "FAILED TO START");
                started = server.output().contains("gRPC Server started");
            }
            moment++;
        }
        assertThat(moment)
                .as("starts, of which all but the last opened no port")
                .isGreaterThan(3);
    }

    /** The start waits for a database that accepts connections and never answers. */
    @Test
    void sigtermEndsAStartThatWaits() throws IOException {
        try (ServerSocket database = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                JarProcess server = JarProcess.start(
                        "--grpc.server.port=0",
                        "--service.database.start-timeout=1m",
                        "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + database.getLocalPort() + "/x")) {
            database.accept().close();
            Socket held = database.accept();
            server.terminate();
            Instant signal = Instant.now();
            assertThat(server.awaitExit()).as(server.output()).isZero();
            assertThat(Duration.between(signal, Instant.now())).isLessThan(Duration.ofSeconds(20));
            assertThat(server.output()).doesNotContain("gRPC Server started");
            held.close();
        }
    }

    @Test
    void aCollectorThatIsAwayHoldsNoStop() {
        try (JarProcess server = JarProcess.start(
                "--grpc.server.port=0",
                "--management.tracing.sampling.probability=1",
                "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:1/v1/traces",
                "--management.otlp.metrics.export.url=http://127.0.0.1:1/v1/metrics")) {
            server.awaitLine(Pattern.compile("Greeter client received"));
            server.terminate();
            Instant stop = Instant.now();

            assertThat(server.awaitExit()).as(server.output()).isZero();
            assertThat(Duration.between(stop, Instant.now())).isLessThan(Duration.ofSeconds(6));
        }
    }

    @Test
    void sigtermFinishesACallByTheWebPort() throws IOException {
        try (JarProcess server = JarProcess.start("--grpc.server.port=0", "--greeter.client.enabled=false");
                Socket caller = new Socket(InetAddress.getLoopbackAddress(), server.webPort())) {
            caller.setSoTimeout(30_000);
            send(
                    caller,
                    "POST /helloworld.Greeter/SayHelloBidiStream HTTP/1.1\r\nhost: localhost\r\n"
                            + "content-type: application/connect+json\r\ntransfer-encoding: chunked\r\n\r\n"
                            + chunk("{\"name\":\"Ada\"}"));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("Hello, Ada!") < 0) {
                answer.append((char) caller.getInputStream().read());
            }

            server.terminate();
            await().atMost(Duration.ofSeconds(30)).until(() -> refusesConnections(server.webPort()));
            send(caller, chunk("{\"name\":\"Bob\"}") + "0\r\n\r\n");

            assertThat(new String(caller.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .contains("Hello, Bob!")
                    .contains("{}");
            assertThat(server.awaitExit()).as(server.output()).isZero();
        }
    }

    private static boolean refusesConnections(int port) {
        try (Socket another = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return !another.isConnected();
        } catch (IOException e) {
            return true;
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Returns a message in its envelope as a chunk of HTTP/1.1. */
    private static String chunk(String json) {
        return String.format("%x\r\n\0\0\0\0%c%s\r\n", 5 + json.length(), json.length(), json);
    }

    private static HelloRequest name(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }
}
