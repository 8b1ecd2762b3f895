package dev.greeter.conformance;

import connectrpc.conformance.v1.ServerCompat.ServerCompatRequest;
import connectrpc.conformance.v1.ServerCompat.ServerCompatResponse;
import dev.greeter.server.socket.OtherPort;
import dev.greeter.test.WholeApplication;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * The server under test of the conformance suite of Connect: the whole application with the suite's service. It reads on
 * its standard input what the suite wants, and writes where it listens to its standard output.
 */
final class ConformanceServer {

    private static final List<String> METHODS =
            List.of("Unary", "ServerStream", "ClientStream", "BidiStream", "Unimplemented", "IdempotentUnary");

    private ConformanceServer() {}

    public static void main(String[] args) throws IOException {
        DataOutputStream answer = new DataOutputStream(System.out);
        System.setOut(System.err); // the log
        DataInputStream in = new DataInputStream(System.in);
        ServerCompatRequest wanted = ServerCompatRequest.parseFrom(in.readNBytes(in.readInt()));
        byte[] response = ServerCompatResponse.newBuilder()
                .setHost("127.0.0.1")
                .setPort(WholeApplication.start(List.of(Service.class), settings(wanted))
                        .getBean(OtherPort.class)
                        .number())
                .setPemCert(wanted.getServerCreds().getCert())
                .build()
                .toByteArray();
        answer.writeInt(response.length);
        answer.write(response);
        answer.flush();
    }

    private static String[] settings(ServerCompatRequest wanted) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "--service.web.address=127.0.0.1",
                "--grpc.server.shutdown-grace-period=0s",
                "--service.deadline.default=" + ConformanceCalls.NO_TIMEOUT,
                "--service.deadline.max=" + ConformanceCalls.NO_TIMEOUT,
                "--service.deadline.default-stream=" + ConformanceCalls.NO_TIMEOUT,
                "--service.deadline.max-stream=" + ConformanceCalls.NO_TIMEOUT,
                "--grpc.server.max-inbound-message-size=" + wanted.getMessageReceiveLimit() + "B"));
        METHODS.forEach(method ->
                settings.add("--service.access[connectrpc.conformance.v1.ConformanceService/" + method + "]=open"));
        if (wanted.getUseTls()) {
            Path files = Files.createTempDirectory("conformance");
            settings.add("--grpc.server.security.enabled=true");
            settings.add("--grpc.server.security.certificate-chain="
                    + file(
                            files.resolve("server.crt"),
                            wanted.getServerCreds().getCert().toByteArray()));
            settings.add("--grpc.server.security.private-key="
                    + file(
                            files.resolve("server.key"),
                            wanted.getServerCreds().getKey().toByteArray()));
            if (!wanted.getClientTlsCert().isEmpty()) {
                settings.add("--grpc.server.security.client-auth=REQUIRE");
                settings.add("--grpc.server.security.trust-cert-collection="
                        + file(
                                files.resolve("client.crt"),
                                wanted.getClientTlsCert().toByteArray()));
            }
        }
        return settings.toArray(String[]::new);
    }

    private static String file(Path file, byte[] content) throws IOException {
        return Files.write(file, content).toUri().toString();
    }

    @TestConfiguration
    static class Service {

        @Bean
        @GrpcService(interceptors = ConformanceCalls.class)
        ConformanceService conformanceService() {
            return new ConformanceService();
        }

        @Bean
        ConformanceCalls conformanceCalls() {
            return new ConformanceCalls();
        }
    }
}
