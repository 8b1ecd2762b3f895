package dev.greeter.conformance;

import connectrpc.conformance.v1.ConfigOuterClass.Protocol;
import connectrpc.conformance.v1.ServerCompat.ServerCompatRequest;
import connectrpc.conformance.v1.ServerCompat.ServerCompatResponse;
import dev.greeter.server.socket.OtherPort;
import dev.greeter.test.WholeApplication;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * The servers under test of the conformance suite of Connect: the whole application with the suite's service. It writes
 * to its standard output on which port it accepts connections, each with a request of the suite for a server, and
 * answers where that listens. The suite gives a server ten seconds to start, so those that differ only in the protocol
 * are one, and the one without TLS is started before.
 */
final class ConformanceServer {

    private static final List<String> METHODS =
            List.of("Unary", "ServerStream", "ClientStream", "BidiStream", "Unimplemented", "IdempotentUnary");

    private static final int MESSAGE_LIMIT = 200 * 1024;

    private final Map<ServerCompatRequest, ConfigurableApplicationContext> started = new HashMap<>();

    private ConformanceServer() {}

    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        System.setOut(System.err); // the log
        ConformanceServer servers = new ConformanceServer();
        servers.start(ServerCompatRequest.newBuilder()
                .setMessageReceiveLimit(MESSAGE_LIMIT)
                .build());
        try (ServerSocket requests = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            out.println(requests.getLocalPort());
            while (true) {
                try (Socket suite = requests.accept()) {
                    servers.answer(suite);
                }
            }
        }
    }

    private void answer(Socket suite) {
        try {
            DataInputStream in = new DataInputStream(suite.getInputStream());
            DataOutputStream out = new DataOutputStream(suite.getOutputStream());
            byte[] response = start(ServerCompatRequest.parseFrom(in.readNBytes(in.readInt())))
                    .toByteArray();
            out.writeInt(response.length);
            out.write(response);
            in.readAllBytes(); // until the suite has no more calls
        } catch (IOException e) {
            System.err.println("The suite did not wait for its server: " + e);
        }
    }

    private ServerCompatResponse start(ServerCompatRequest wanted) throws IOException {
        ServerCompatRequest same =
                wanted.toBuilder().clearProtocol().clearHttpVersion().build();
        ConfigurableApplicationContext application = started.get(same);
        if (application == null) {
            application = WholeApplication.start(List.of(Service.class), settings(wanted));
            started.put(same, application);
        }
        return ServerCompatResponse.newBuilder()
                .setHost("127.0.0.1")
                .setPort(
                        wanted.getProtocol() == Protocol.PROTOCOL_GRPC
                                ? application.getEnvironment().getRequiredProperty("local.grpc.port", Integer.class)
                                : application.getBean(OtherPort.class).number())
                .setPemCert(wanted.getServerCreds().getCert())
                .build();
    }

    private static String[] settings(ServerCompatRequest wanted) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "--grpc.server.address=127.0.0.1",
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
