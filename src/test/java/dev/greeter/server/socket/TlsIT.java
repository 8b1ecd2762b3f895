package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.greeter.test.JarProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The processes of server and client with mutual TLS and the certificates of the script. */
class TlsIT {

    private static final String SERVER = "--grpc.server.security.";
    private static final String CLIENT = "--grpc.client.greeter.security.";

    @TempDir
    private Path directory;

    @Test
    void serverAndClientSpeakMutualTlsWithTheCertificatesOfTheScript() throws Exception {
        assumeThat(Path.of("/usr/bin/openssl")).exists();
        Process script = new ProcessBuilder("deploy/tls/make-dev-certificates", directory.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(script.exitValue()).as(output(script)).isZero();

        try (JarProcess server = JarProcess.start(
                        "--grpc.server.port=0",
                        "--greeter.client.enabled=false",
                        SERVER + "enabled=true",
                        SERVER + "certificate-chain=" + file("server.crt"),
                        SERVER + "private-key=" + file("server.key"),
                        SERVER + "client-auth=REQUIRE",
                        SERVER + "trust-cert-collection=" + file("ca.crt"));
                JarProcess client = JarProcess.start(
                        "--spring.profiles.active=client",
                        "--grpc.client.greeter.address=dns:///localhost:" + server.port(),
                        "--greeter.client.timeout=30s",
                        "--grpc.client.greeter.negotiation-type=tls",
                        CLIENT + "trust-cert-collection=" + file("ca.crt"),
                        CLIENT + "client-auth-enabled=true",
                        CLIENT + "certificate-chain=" + file("client.crt"),
                        CLIENT + "private-key=" + file("client.key"))) {
            assertThat(client.awaitExit()).as(client.output()).isZero();
            assertThat(client.out()).contains("Greeter client received: Hello, you!");
        }
    }

    @Test
    void aWrongFileStopsTheStartByItsSetting() {
        try (JarProcess server = JarProcess.start(
                SERVER + "enabled=true",
                SERVER + "certificate-chain=" + file("missing.crt"),
                SERVER + "private-key=" + file("missing.key"))) {
            assertThat(server.awaitExit()).as(server.output()).isEqualTo(1);
            assertThat(server.output())
                    .contains("grpc.server.security.private-key names")
                    .contains("missing.key")
                    .doesNotContain("\tat ");
        }
    }

    private String file(String name) {
        return "file:" + directory.resolve(name);
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
