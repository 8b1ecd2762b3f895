package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.JarProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The packaged application on the command line: both modes, their exit codes, and what they print. */
class CommandLineIT {

    private static final String CLIENT = "--spring.profiles.active=client";

    /** More patience than the default has: what a call says is tested here, not how fast a cold JVM is. */
    private static final String PATIENT = "--greeter.client.timeout=30s";

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
                            "Greeter client: the server keeps no users for this caller (UNAUTHENTICATED)");
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
    void helpIsPrintedWithoutAStart() {
        try (JarProcess help = JarProcess.start("--help")) {
            assertThat(help.awaitExit()).isZero();
            assertThat(help.output())
                    .contains("--spring.profiles.active=client")
                    .doesNotContain("INFO");
        }
    }

    @Test
    void aPortInUseStopsTheStartWithOneMessage() {
        assertStartFails(
                "cannot listen on port " + server.port() + " of address *: ", "--grpc.server.port=" + server.port());
    }

    @Test
    void aManagementPortInUseStopsTheStartWithOneMessage() {
        assertStartFails(
                "management port " + server.managementPort() + " is in use",
                "--grpc.server.port=0",
                "--server.port=" + server.managementPort());
    }

    @Test
    void anUnreadableAddressOfTheServerStopsTheStartWithOneMessage() {
        assertStartFails("grpc.server.address", "--grpc.server.port=0", "--grpc.server.address=somewhere");
    }

    @Test
    void anUnknownProfileStopsTheStartWithOneMessage() {
        assertStartFails("There is no profile \"clinet\"", "--spring.profiles.active=clinet");
    }

    @Test
    void anUnreadableAddressOfTheClientStopsTheStartWithOneMessage() {
        assertStartFails("grpc.client.greeter.address", CLIENT, "--grpc.client.greeter.address=nowhere://x");
    }

    @Test
    void aMisspeltSettingStopsTheStartWithOneMessage() {
        assertStartFails("greeter.client.timout", CLIENT, "--greeter.client.timout=1s");
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
