package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.start.SettingException;
import dev.greeter.test.Certificates;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.config.NegotiationType;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.mock.env.MockEnvironment;

/** TLS of the client over real sockets, and the messages when it does not match the server. */
class ClientTlsTest {

    private final HeldCertificate authority = Certificates.authority("first");
    private final GrpcChannelsProperties clients = new GrpcChannelsProperties();
    private final GrpcChannelProperties settings = new GrpcChannelProperties();

    @TempDir
    private Path files;

    private @Nullable Server server;
    private @Nullable ClientTls tls;

    @BeforeEach
    void configure() {
        Certificates.write(files.resolve("ca.crt"), authority.certificatePem());
        settings.setNegotiationType(NegotiationType.TLS);
        settings.getSecurity().setTrustCertCollection(file("ca.crt"));
        clients.getClient().put("greeter", settings);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.shutdownNow();
        }
        if (tls != null) {
            tls.close();
        }
    }

    @Test
    void aServerOfATrustedAuthorityIsCalled() throws IOException {
        start(certified(Certificates.server(authority), null));
        assertThat(failure()).isNull();
    }

    @Test
    void replacedTrustAndClientCertificateAreUsedByNewConnections() throws IOException {
        HeldCertificate next = Certificates.authority("next");
        Certificates.write(files, "client", Certificates.client(authority, "old"));
        settings.getSecurity().setClientAuthEnabled(true);
        settings.getSecurity().setCertificateChain(file("client.crt"));
        settings.getSecurity().setPrivateKey(file("client.key"));
        start(certified(Certificates.server(next), next));
        assertThat(failure()).contains("does not trust");

        Certificates.write(files.resolve("ca.crt"), next.certificatePem());
        Certificates.write(files, "client", Certificates.client(next, "new"));
        await().until(() -> failure() == null);
    }

    @Test
    void aTlsClientSaysThatTheServerSpeaksPlaintext() throws IOException {
        start(InsecureServerCredentials.create());
        assertThat(failure())
                .contains("the server does not use TLS; set grpc.client.greeter.negotiation-type=plaintext");
    }

    @Test
    void aPlaintextClientSaysThatTheServerUsesTls() throws IOException {
        settings.setNegotiationType(NegotiationType.PLAINTEXT);
        start(certified(Certificates.server(authority), null));
        assertThat(failure()).contains("the server uses TLS; set grpc.client.greeter.negotiation-type=tls");
    }

    @Test
    void aServerOfAnUnknownAuthorityIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.server(Certificates.authority("other")), null));
        assertThat(failure())
                .contains("UNAVAILABLE", "does not trust", "grpc.client.greeter.security.trust-cert-collection");
    }

    @Test
    void aServerOfAnAuthorityOfTheSameNameButAnotherKeyIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.server(Certificates.authority("authority")), null));
        assertThat(failure()).contains("does not trust", "grpc.client.greeter.security.trust-cert-collection");
    }

    @Test
    void aClientCertificateOfAnotherAuthorityIsNamedAsTheProblem() throws IOException {
        Certificates.write(files, "client", Certificates.client(Certificates.authority("other"), "client"));
        settings.getSecurity().setClientAuthEnabled(true);
        settings.getSecurity().setCertificateChain(file("client.crt"));
        settings.getSecurity().setPrivateKey(file("client.key"));
        start(certified(Certificates.server(authority), authority));
        assertThat(failure())
                .contains(
                        "does not accept the certificate of the client",
                        "grpc.client.greeter.security.certificate-chain");
    }

    @Test
    void aServerCertificateForAnotherHostIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.client(authority, "elsewhere.test"), null));
        assertThat(failure()).contains("another host", "grpc.client.greeter.security.authority-override");
    }

    @Test
    void anExpiredServerCertificateIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.server(authority, Duration.ofMinutes(-1)), null));
        assertThat(failure()).contains("has expired (NotAfter: ");
    }

    @Test
    void aServerCertificateThatIsNotValidYetIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.serverFrom(authority, Instant.now().plusSeconds(600)), null));
        assertThat(failure()).contains("not valid yet (NotBefore: ", "check the clocks");
    }

    @Test
    void aServerThatOffersNoHttp2OverTlsIsNamedAsTheProblem() throws IOException {
        HttpsServer web = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setHttpsConfigurator(new HttpsConfigurator(new HandshakeCertificates.Builder()
                .heldCertificate(Certificates.server(authority))
                .build()
                .sslContext()));
        web.start();
        read();
        try {
            assertThat(failure(web.getAddress().getPort())).contains("does not offer HTTP/2", "not a gRPC server");
        } finally {
            web.stop(0);
        }
    }

    @Test
    void ciphersThatTheServerDoesNotHaveAreNamedAsTheProblem() throws IOException {
        settings.getSecurity().setProtocols("TLSv1.2");
        settings.getSecurity().setCiphers("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        start(certified(Certificates.server(authority), null));
        assertThat(failure()).contains("ends the TLS handshake", "grpc.client.greeter.security.protocols and ciphers");
    }

    @Test
    void aMissingClientCertificateIsNamedAsTheProblem() throws IOException {
        start(certified(Certificates.server(authority), authority));
        assertThat(failure()).contains("grpc.client.greeter.security.client-auth-enabled");
    }

    @Test
    void aMissingFileIsNamedWithItsSetting() {
        settings.getSecurity().setTrustCertCollection(file("missing.crt"));
        assertThatThrownBy(() -> new ClientTls(clients, Duration.ofMinutes(1), new SimpleMeterRegistry()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("grpc.client.greeter.security.trust-cert-collection names")
                .hasMessageContaining("missing.crt");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    PLAINTEXT | security.trust-cert-collection     | negotiation-type is not tls
                    PLAINTEXT | security.client-auth-enabled       | negotiation-type is not tls
                    TLS       | security.certificate-chain         | client-auth-enabled is not true
                    TLS       | security.key-store                 | client-auth-enabled is not true
                    """)
    void settingsThatHaveNoEffectStopTheStart(NegotiationType negotiation, String setting, String reason) {
        settings.setNegotiationType(negotiation);
        MockEnvironment environment = new MockEnvironment().withProperty("grpc.client.greeter." + setting, "x");

        assertThatThrownBy(() -> ClientTls.requireEffect(clients, environment))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("grpc.client.greeter." + setting + " has no effect")
                .hasMessageContaining(reason);
        environment
                .withProperty("grpc.client.greeter.negotiation-type", negotiation.name())
                .withProperty("grpc.client.greeter.security.client-auth-enabled", "false");
        assertThatCode(() -> ClientTls.requireEffect(clients, environment)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"private-key, key-store", "trust-cert-collection, trust-store"})
    void twoSourcesOfTheSameAreRefused(String one, String other) {
        GrpcChannelProperties settings = clients.getChannel("greeter");
        settings.setNegotiationType(NegotiationType.TLS);
        settings.getSecurity().setClientAuthEnabled(true);
        String security = "grpc.client.greeter.security.";
        MockEnvironment environment = new MockEnvironment()
                .withProperty(security + "client-auth-enabled", "true")
                .withProperty(security + one, "x")
                .withProperty(security + other, "x");

        assertThatThrownBy(() -> ClientTls.requireEffect(clients, environment))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(security + one + " cannot be combined with " + security + other);
    }

    private void start(ServerCredentials credentials) throws IOException {
        server = Grpc.newServerBuilderForPort(0, credentials)
                .addService(new Service())
                .build()
                .start();
        read();
    }

    private void read() {
        tls = new ClientTls(clients, Duration.ofMillis(20), new SimpleMeterRegistry());
    }

    private ServerCredentials certified(HeldCertificate certificate, @Nullable HeldCertificate clients)
            throws IOException {
        Certificates.write(files, "server", certificate);
        TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder()
                .keyManager(
                        files.resolve("server.crt").toFile(),
                        files.resolve("server.key").toFile());
        if (clients != null) {
            Certificates.write(files.resolve("clients.crt"), clients.certificatePem());
            credentials
                    .trustManager(files.resolve("clients.crt").toFile())
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
        }
        return credentials.build();
    }

    /** Returns the message about a failed call over a new connection, or null if it succeeds. */
    private @Nullable String failure() {
        return failure(Objects.requireNonNull(server).getPort());
    }

    private @Nullable String failure(int port) {
        String address = "localhost:" + port;
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget(address);
        if (settings.getNegotiationType() == NegotiationType.PLAINTEXT) {
            builder.usePlaintext();
        }
        Objects.requireNonNull(tls).accept(builder, "greeter");
        ManagedChannel channel = builder.build();
        try {
            GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance());
            return null;
        } catch (StatusRuntimeException e) {
            return CallFailure.describe("SayHello", address, e);
        } finally {
            channel.shutdownNow();
        }
    }

    private FileSystemResource file(String name) {
        return new FileSystemResource(files.resolve(name));
    }

    private static final class Service extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.getDefaultInstance());
            replies.onCompleted();
        }
    }
}
