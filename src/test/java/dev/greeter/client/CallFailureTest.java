package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages about servers that do not speak gRPC. */
class CallFailureTest {

    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Node, Go, nginx
                "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
                // Python: the page without headers, as for HTTP/0.9
                "<!DOCTYPE HTML>",
                // Tomcat
                ""
            })
    void anHttp1ServerIsNamedAsTheProblem(String toHttp2) {
        answer(request -> request.startsWith("PRI") ? toHttp2 : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");

        assertThat(failure()).contains("HTTP/1.1 server", "not a gRPC server", "grpc.client.greeter.address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SSH-2.0-OpenSSH_9.2\r\n"})
    void anyOtherServerThatIsNotGrpcIsNamedAsTheProblem(String answer) {
        answer(request -> answer);

        assertThat(failure()).contains("is not a gRPC server", "grpc.client.greeter.address", "negotiation-type=tls");
    }

    @Test
    void aSocketFileThatIsMissingIsNamedAsTheProblem(@TempDir Path directory) {
        assertThat(failure("unix:" + directory.resolve("missing.sock"), Duration.ofSeconds(20)))
                .contains("there is no such socket", "grpc.client.greeter.address");
    }

    @Test
    void aServerThatSaysNothingIsToldFromASlowOne() {
        assertThat(failure(Duration.ofMillis(200)))
                .contains("DEADLINE_EXCEEDED", "no connection was established in time", "greeter.client.timeout")
                .doesNotContain("[");
    }

    private void answer(UnaryOperator<String> answers) {
        Thread thread = new Thread(() -> {
            while (true) {
                try (Socket socket = server.accept()) {
                    byte[] request = socket.getInputStream().readNBytes(16);
                    String answer = answers.apply(new String(request, StandardCharsets.US_ASCII));
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    // Until the other side closes, so that nothing unread resets the connection.
                    socket.getInputStream().readAllBytes();
                } catch (IOException closed) {
                    if (server.isClosed()) {
                        return;
                    }
                    throw new UncheckedIOException(closed);
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private String failure() {
        return failure(Duration.ofSeconds(20));
    }

    private String failure(Duration timeout) {
        return failure("127.0.0.1:" + server.getLocalPort(), timeout);
    }

    private static String failure(String address, Duration timeout) {
        ManagedChannel channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .build();
        try {
            String reply = GreeterGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout)
                    .sayHello(HelloRequest.getDefaultInstance())
                    .getMessage();
            throw new AssertionError(reply);
        } catch (StatusRuntimeException e) {
            return CallFailure.describe("SayHello", address, e);
        } finally {
            channel.shutdownNow();
        }
    }
}
