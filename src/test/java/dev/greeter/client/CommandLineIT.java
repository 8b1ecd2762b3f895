package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.JarProcess;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged application on the command line: both modes, their exit codes, and what they print. */
class CommandLineIT {

    private static final String CLIENT = "--spring.profiles.active=client";

    /** Longer than the default: this tests the output of calls, not the speed of a cold JVM. */
    private static final String PATIENT = "--greeter.client.timeout=30s";

    /** The exit code of a process that the signal has ended. */
    private static final int SIGTERM = 128 + 15;

    private static JarProcess server;

    @BeforeAll
    static void startServer() {
        server = JarProcess.start("--grpc.server.port=0", PATIENT);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void theServerGreetsThroughItsOwnPortAndKeepsServing() {
        server.awaitLine(Pattern.compile("^Greeter client received: Hello, you!$"));
        assertThat(server.isAlive()).isTrue();
    }

    @Test
    void theClientGreetsEachNameShowsEveryKindOfCallAndExits() {
        try (JarProcess client = JarProcess.start(CLIENT, PATIENT, address(), "Ada", "Zoë 李")) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out())
                    .startsWith("Greeter client received: Hello, Ada!", "Greeter client received: Hello, Zoë 李!")
                    .contains(
                            "Greeter client received (blocking): Hello, Ada!",
                            "Greeter client received (future): Hello, Ada!",
                            "Greeter client received (asynchronous): Hello, Ada!",
                            "Greeter client received (server streaming): Hallo, Ada!",
                            "Greeter client received (client streaming): Hello, Ada, Zoë 李!",
                            "Greeter client received (bidirectional): Hello, Zoë 李!",
                            "Greeter client: users require a token; set greeter.client.token or"
                                    + " greeter.client.token-file.");
            assertThat(client.err()).isEmpty();
        }
    }

    @Test
    void theClientGreetsYouWhenNobodyIsNamed() {
        try (JarProcess client = JarProcess.start(CLIENT, PATIENT, address())) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out()).startsWith("Greeter client received: Hello, you!");
        }
    }

    @Test
    void aRefusedNameIsOneLineAndAnExitCode() {
        assertFails(
                "SayHello on static://127.0.0.1:" + server.port() + " failed with INVALID_ARGUMENT", address(), " ");
    }

    @Test
    void aRefusedTokenIsOneLineAndAnExitCode() {
        try (JarProcess client =
                JarProcess.start(CLIENT, PATIENT, address(), "--greeter.client.token=abc.def.ghi", "Ada")) {
            assertThat(client.awaitExit()).as(client.output()).isEqualTo(1);
            assertThat(client.out()).startsWith("Greeter client received: Hello, Ada!");
            assertThat(client.err())
                    .singleElement()
                    .asString()
                    .contains("CreateUser", "UNAUTHENTICATED", "greeter.client.token");
        }
    }

    @Test
    void theServerOfAQuickStartIsGreeted() throws IOException {
        Server quickStart = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new SayHelloAlone())
                .build()
                .start();
        try (JarProcess client = JarProcess.start(
                CLIENT, PATIENT, "--grpc.client.greeter.address=localhost:" + quickStart.getPort(), "Ada")) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out())
                    .startsWith("Greeter client received: Hello, Ada!")
                    .endsWith(
                            "Greeter client: this server has no SayHelloStreamReply.",
                            "Greeter client: this server has no SayHelloStreamRequest.",
                            "Greeter client: this server has no SayHelloBidiStream.",
                            "Greeter client: this server has no users.v1.UserService.");
            assertThat(client.err()).isEmpty();
        } finally {
            quickStart.shutdownNow();
        }
    }

    @Test
    void theManagementPortIsOneLineAndAnExitCode() {
        assertFails("not a gRPC server", "--grpc.client.greeter.address=127.0.0.1:" + server.managementPort());
    }

    @Test
    void settingsOfAServerMakeNoServerOfTheClient() {
        Map<String, String> environment = Map.of(
                "GRPC_SERVER_PORT",
                String.valueOf(server.port()),
                "SERVER_PORT",
                String.valueOf(server.managementPort()),
                "GREETER_CLIENT_ENABLED",
                "false");
        try (JarProcess client = JarProcess.start(environment, List.of(), CLIENT, PATIENT, address())) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out()).startsWith("Greeter client received: Hello, you!");
        }
    }

    @Test
    void aServerThatIsNotThereIsOneLineAndAnExitCode() throws IOException {
        assertFails("no server listens there", "--grpc.client.greeter.address=static://127.0.0.1:" + unusedPort());
    }

    @Test
    void aServerThatDoesNotAnswerIsOneLineAndAnExitCode() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertFailsAt(
                    "--greeter.client.timeout=200ms",
                    "DEADLINE_EXCEEDED",
                    "--grpc.client.greeter.address=static://127.0.0.1:" + silent.getLocalPort());
        }
    }

    @Test
    void aClientThatIsTerminatedInACallSaysNothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                JarProcess client = JarProcess.start(
                        CLIENT, PATIENT, "--grpc.client.greeter.address=127.0.0.1:" + silent.getLocalPort())) {
            silent.setSoTimeout(60_000);
            Socket call = silent.accept();
            client.terminate();

            assertThat(client.awaitExit()).as(client.output()).isEqualTo(SIGTERM);
            assertThat(client.output()).isBlank();
            call.close();
        }
    }

    @Test
    void aHostThatDoesNotExistIsOneLineAndAnExitCode() {
        assertFails("no such host", "--grpc.client.greeter.address=dns:///greeter.invalid:50051");
    }

    @Test
    void withoutTheGreetingTheServerJustServes() {
        try (JarProcess quiet = JarProcess.start("--grpc.server.port=0", "--greeter.client.enabled=false")) {
            quiet.awaitLine(Pattern.compile("Started GreeterApplication"));
            quiet.terminate();
            quiet.awaitExit();
            assertThat(quiet.out()).noneMatch(line -> line.contains("Greeter client"));
        }
    }

    @Test
    void aPortInUseStopsTheStartWithOneMessage() {
        assertStartFails(
                "cannot listen on port " + server.port() + " of address *: ", "--grpc.server.port=" + server.port());
        assertStartFails("grpc.server.port: the command line", "--grpc.server.port=" + server.port());
    }

    @Test
    void aManagementPortInUseStopsTheStartWithOneMessage() {
        assertStartFails(
                "management port " + server.managementPort() + " is in use",
                "--grpc.server.port=0",
                "--server.port=" + server.managementPort());
    }

    @Test
    void anUnreadableAddressOfTheClientStopsTheStartWithOneMessage() {
        assertStartFails("grpc.client.greeter.address", CLIENT, "--grpc.client.greeter.address=nowhere://x");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    127.0.0.1:99999           | is not a number from 1 to 65535
                    dns:///localhost:99999    | is not a number from 1 to 65535
                    http://localhost:50051    | does not begin with http
                    dns://localhost:50051     | Write dns:///localhost:50051
                    '  '                      | is not HOST:PORT
                    """)
    void anAddressThatIsNoneStopsTheStartWithOneMessage(String address, String reason) {
        assertStartFails(reason, CLIENT, "--grpc.client.greeter.address=" + address);
    }

    @Test
    void aMisspeltSettingStopsTheStartWithOneMessage() {
        assertStartFails(
                "greeter.client.timout", CLIENT, "--spring.application.json={\"greeter.client.timout\":\"1s\"}");
    }

    @Test
    void namesAreNotForAServer() {
        assertStartFails("--spring.profiles.active=client", "Ada");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --port=9000                  | did you mean --grpc.server.port=9000?
                    --greeter.client.timout=1s   | did you mean --greeter.client.timeout=1s?
                    -x                           | unknown option -x
                    """)
    void anOptionThatNothingReadsIsOneLineAndAnExitCode(String option, String message) {
        try (JarProcess process = JarProcess.start(option)) {
            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.err()).singleElement().asString().contains(message);
            assertThat(process.out()).isEmpty();
        }
    }

    @Test
    void aNameOfAnyScriptIsGreetedInTheLocaleC() {
        try (JarProcess client =
                JarProcess.start(Map.of("LC_ALL", "C"), List.of(), CLIENT, PATIENT, address(), "Zoë 李")) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out()).startsWith("Greeter client received: Hello, Zoë 李!");
        }
    }

    @Test
    void emptyVariablesCountAsNone() {
        Map<String, String> empty = Map.of(
                "GRPC_CLIENT_GREETER_ADDRESS",
                "static://127.0.0.1:" + server.port(),
                "GREETER_CLIENT_TOKEN",
                "",
                "GREETER_CLIENT_TOKENFILE",
                "",
                "GREETER_CLIENT_TIMEOUT",
                "",
                "GREETER_CLIENT_SERVICECONFIG",
                "",
                "SPRING_CONFIG_LOCATION",
                "",
                "MANAGEMENT_OPENTELEMETRY_TRACING_EXPORT_OTLP_ENDPOINT",
                "",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "");
        try (JarProcess client = JarProcess.start(empty, List.of(), CLIENT)) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out()).startsWith("Greeter client received: Hello, you!");
        }
    }

    private static final class SayHelloAlone extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder()
                    .setMessage("Hello, " + request.getName() + "!")
                    .build());
            replies.onCompleted();
        }
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String address() {
        return "--grpc.client.greeter.address=static://127.0.0.1:" + server.port();
    }

    private static void assertFails(String message, String... arguments) {
        assertFailsAt(PATIENT, message, arguments);
    }

    private static void assertFailsAt(String timeout, String message, String... arguments) {
        String[] all =
                Stream.concat(Stream.of(CLIENT, timeout), Stream.of(arguments)).toArray(String[]::new);
        try (JarProcess client = JarProcess.start(all)) {
            assertThat(client.awaitExit()).as(client.output()).isEqualTo(1);
            assertThat(client.err())
                    .singleElement()
                    .asString()
                    .startsWith("Greeter client: ")
                    .contains(message);
            assertThat(client.out()).isEmpty();
        }
    }

    private static void assertStartFails(String message, String... arguments) {
        try (JarProcess process = JarProcess.start(arguments)) {
            assertThat(process.awaitExit()).as(process.output()).isEqualTo(1);
            assertThat(process.output())
                    .contains("APPLICATION FAILED TO START", message)
                    .doesNotContain("\tat ");
        }
    }
}
