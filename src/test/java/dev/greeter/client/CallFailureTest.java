package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.Certificates;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages about servers that do not speak gRPC. */
class CallFailureTest {

    private static final byte TLS_HANDSHAKE = 22;

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
    void aServerOfTlsThatAnswersPlaintextByHttp1IsNamedAsOne() {
        HandshakeCertificates certificates = new HandshakeCertificates.Builder()
                .heldCertificate(Certificates.server(Certificates.authority("test")))
                .build();
        serve((socket, request) -> {
            if (request[0] == TLS_HANDSHAKE) {
                try (Socket tls =
                        certificates.sslSocketFactory().createSocket(socket, new ByteArrayInputStream(request), true)) {
                    ((SSLSocket) tls).setUseClientMode(false);
                    ((SSLSocket) tls).startHandshake();
                }
            } else {
                write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", socket);
            }
        });

        assertThat(failure()).contains("the server uses TLS", "negotiation-type=tls");
    }

    @Test
    void aHealthCheckThatFailsIsNoReportOfTheHealthService() {
        assertThat(describe("Health-check stream unexpectedly closed with Status{code=UNAVAILABLE} for ''"))
                .doesNotContain("health service");
        assertThat(describe("Health-check service responded NOT_SERVING for ''"))
                .contains("the health service of the server reports that it does not serve");
    }

    @Test
    void aSocketFileThatIsMissingIsNamedAsTheProblem(@TempDir Path directory) {
        assertThat(failure("unix:" + directory.resolve("missing.sock"), Duration.ofSeconds(20)))
                .contains("there is no such socket", "grpc.client.greeter.address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Failed to resolve own address", "Could not find server: name"})
    void aServerThatIsNotInThisProcessIsNamedAsTheProblem(String description) {
        assertThat(describe(description))
                .contains("there is no such server in this process", "grpc.client.greeter.address");
    }

    @Test
    void aServerThatSaysNothingIsToldFromASlowOne() {
        assertThat(failure(Duration.ofMillis(200)))
                .contains("DEADLINE_EXCEEDED", "no connection was established in time", "greeter.client.timeout")
                .doesNotContain("[");
    }

    private static String describe(String unavailable) {
        return CallFailure.describe(
                "SayHello",
                "self:self",
                Status.UNAVAILABLE.withDescription(unavailable).asRuntimeException());
    }

    private void answer(UnaryOperator<String> answers) {
        serve((socket, request) -> write(answers.apply(new String(request, StandardCharsets.US_ASCII)), socket));
    }

    private static void write(String answer, Socket socket) throws IOException {
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
        // Until the other side closes, so that nothing unread resets the connection.
        socket.getInputStream().readAllBytes();
    }

    private interface Service {
        void serve(Socket socket, byte[] request) throws IOException;
    }

    private void serve(Service service) {
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    service.serve(socket, socket.getInputStream().readNBytes(16));
                } catch (IOException e) {
                    // The caller has seen enough, or the server is closed.
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
