package dev.greeter.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.server.socket.OtherPort;
import dev.greeter.server.web.WebClient.Answer;
import dev.greeter.server.web.WebClient.Form;
import dev.greeter.test.Certificates;
import dev.greeter.test.GrpcTest;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The web port has the TLS of the port for gRPC, and knows callers by their certificates. */
@GrpcTest({})
@Import(WebServices.class)
@TestPropertySource(
        properties = {
            "service.web.port=0",
            "service.web.address=127.0.0.1",
            "service.access.[helloworld.Greeter/SayHello]=scope:greet",
            "service.certificates.batch=greet",
            "grpc.server.security.enabled=true",
            "grpc.server.security.client-auth=OPTIONAL",
            // The context outlives its files.
            "service.tls.reload=1d"
        })
class WebTlsTest {

    private static final Form JSON = new Form("connect", true, false);

    private static final HeldCertificate AUTHORITY = Certificates.authority("test");

    @TempDir
    private static Path directory;

    @Autowired
    private OtherPort web;

    @DynamicPropertySource
    static void files(DynamicPropertyRegistry settings) {
        Certificates.write(directory, "server", Certificates.server(AUTHORITY));
        Certificates.write(directory.resolve("ca.crt"), AUTHORITY.certificatePem());
        settings.add("grpc.server.security.certificate-chain", () -> "file:" + directory.resolve("server.crt"));
        settings.add("grpc.server.security.private-key", () -> "file:" + directory.resolve("server.key"));
        settings.add("grpc.server.security.trust-cert-collection", () -> "file:" + directory.resolve("ca.crt"));
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aCallerIsKnownByItsCertificate(Version version) {
        Answer answer = client(version, Certificates.client(AUTHORITY, "batch")).call(JSON, "SayHello", List.of("Ada"));

        assertThat(answer.replies()).containsExactly("Hello, Ada!");
        assertThat(answer.http().version()).isEqualTo(version);
        assertThat(answer.http().sslSession()).isPresent();
    }

    @Test
    void aCallerWithoutOneIsUnauthenticated() {
        Answer answer = client(Version.HTTP_2, null).call(JSON, "SayHello", List.of("Ada"));

        assertThat(answer.status()).isEqualTo("unauthenticated");
    }

    private WebClient client(Version version, @Nullable HeldCertificate certificate) {
        HandshakeCertificates.Builder certificates =
                new HandshakeCertificates.Builder().addTrustedCertificate(AUTHORITY.certificate());
        if (certificate != null) {
            certificates.heldCertificate(certificate);
        }
        return new WebClient(
                "https://localhost:" + web.number(),
                HttpClient.newBuilder()
                        .version(version)
                        .connectTimeout(Duration.ofSeconds(10))
                        .sslContext(certificates.build().sslContext())
                        .build());
    }
}
