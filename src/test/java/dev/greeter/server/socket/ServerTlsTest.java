package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.credentials.LiveTls;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.server.security.CertificateSecurity;
import dev.greeter.test.Certificates;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import net.devh.boot.grpc.server.config.ClientAuth;
import net.devh.boot.grpc.server.config.GrpcServerProperties.Security;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.FileSystemResource;

/** TLS of the server over real sockets: accepted clients, and the reload of its files. */
@ExtendWith(OutputCaptureExtension.class)
class ServerTlsTest {

    private static final Duration RELOAD = Duration.ofMillis(20);

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final HeldCertificate authority = Certificates.authority("first");

    @TempDir
    private Path files;

    private Security settings = new Security();
    private @Nullable LiveTls live;
    private @Nullable Server server;

    @BeforeEach
    void writeFiles() {
        Certificates.write(files, "server", Certificates.server(authority));
        Certificates.write(files.resolve("clients.crt"), authority.certificatePem());
        settings.setEnabled(true);
        settings.setCertificateChain(file("server.crt"));
        settings.setPrivateKey(file("server.key"));
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        if (server != null) {
            server.shutdownNow();
        }
        if (live != null) {
            live.close();
        }
    }

    @Test
    void aClientThatTrustsTheAuthorityGetsIn() throws Exception {
        start();
        assertThat(greet(trusting(authority))).isEqualTo("hello");
    }

    @Test
    void pkcs12IsReadToo() throws Exception {
        Certificates.writeKeyStore(files.resolve("server.p12"), Certificates.server(authority), "password");
        settings = new Security();
        settings.setEnabled(true);
        settings.setKeyStore(file("server.p12"));
        settings.setKeyStorePassword("password");
        start();
        assertThat(greet(trusting(authority))).isEqualTo("hello");
    }

    @Test
    void aClientOfAnotherAuthorityDoesNotConnect() throws Exception {
        start();
        assertThat(failure(trusting(Certificates.authority("other")))).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void aCertificateForAnotherHostIsRefusedByTheClient() throws Exception {
        Certificates.write(files, "server", Certificates.client(authority, "elsewhere.test"));
        start();
        assertThat(failure(trusting(authority))).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void anExpiredCertificateIsRefusedByTheClientAndReported(CapturedOutput output) throws Exception {
        Certificates.write(files, "server", Certificates.server(authority, Duration.ofMinutes(-1)));
        start();
        assertThat(failure(trusting(authority))).isEqualTo(Code.UNAVAILABLE);
        assertThat(output).contains("The certificate of grpc.server.security expired at");
    }

    @Test
    void theLibraryIsLogged(CapturedOutput output) throws Exception {
        start();
        assertThat(output).containsPattern("TLS by (BoringSSL|the JDK, which is slower)");
    }

    @Test
    void aClientWithoutCertificateIsRefusedWhereOneIsRequired() throws Exception {
        requireClients();
        start();
        assertThat(failure(trusting(authority))).isEqualTo(Code.UNAVAILABLE);
        assertThat(greet(presenting(authority, Certificates.client(authority, "batch"))))
                .isEqualTo("hello");
    }

    @Test
    void aClientIsToldWhyItsCertificateIsNotAccepted() throws Exception {
        requireClients();
        start();

        assertThat(failureOrNull(presenting(authority, Certificates.client(Certificates.authority("other"), "batch"))))
                .hasStackTraceContaining("ALERT_UNKNOWN_CA");
        assertThat(failureOrNull(presenting(authority, Certificates.authority("itself"))))
                .hasStackTraceContaining("ALERT_UNKNOWN_CA");
        assertThat(failureOrNull(presenting(authority, Certificates.server(authority, Duration.ofMinutes(-1)))))
                .hasStackTraceContaining("ALERT_CERTIFICATE_EXPIRED");
    }

    @Test
    void aClientCertificateStandsInForATokenWhereItIsNamed() throws Exception {
        requireClients();
        start(Map.of("CN=batch", Set.of("greet"), "reader.test", Set.of("read")));
        assertThat(greet(presenting(authority, Certificates.client(authority, "batch"))))
                .isEqualTo("hello");
        assertThat(failure(presenting(authority, Certificates.client(authority, "reader.test"))))
                .isEqualTo(Code.PERMISSION_DENIED);
        assertThat(failure(presenting(authority, Certificates.client(authority, "stranger"))))
                .isEqualTo(Code.UNAUTHENTICATED);
    }

    @Test
    void oldProtocolsAreRefused() throws Exception {
        start();
        byte[] protocolVersionAlert = {2, 70};
        assertThat(answerToTls11()).endsWith(protocolVersionAlert);
    }

    @Test
    void aClientWithoutAlpnIsRefused() throws Exception {
        start();
        HandshakeCertificates trust = new HandshakeCertificates.Builder()
                .addTrustedCertificate(authority.certificate())
                .build();
        try (SSLSocket socket =
                (SSLSocket) trust.sslSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void serverCertificateKeyAndClientAuthorityAreReplacedUnderCallsThatAllSucceed() throws Exception {
        requireClients();
        start();
        HeldCertificate next = Certificates.authority("next");
        HeldCertificate[] both = {authority, next};
        HeldCertificate old = Certificates.client(authority, "batch");
        HeldCertificate renewed = Certificates.client(next, "batch");
        ManagedChannel established = presenting(authority, old, both);
        StreamOfCalls oldConnection = new StreamOfCalls(() -> failureOrNull(established));
        StreamOfCalls newConnections =
                new StreamOfCalls(() -> failureOfNewConnection(presenting(authority, old, both)));

        Certificates.write(files.resolve("clients.crt"), authority.certificatePem() + "\n" + next.certificatePem());
        await().until(() -> failureOfNewConnection(presenting(next, renewed, both)) == null);
        HeldCertificate replacement = Certificates.server(next);
        Certificates.write(files, "server", replacement);
        await().until(() -> presented(renewed, both).equals(replacement.certificate()));
        newConnections.end();
        Certificates.write(files.resolve("clients.crt"), next.certificatePem());
        await().until(() -> failureOfNewConnection(presenting(next, old, both)) != null);
        oldConnection.end();

        assertThat(oldConnection.calls).hasPositiveValue();
        assertThat(newConnections.calls).hasPositiveValue();
        assertThat(oldConnection.failures).isEmpty();
        assertThat(newConnections.failures).isEmpty();
    }

    @Test
    void aReplacementThatCannotBeUsedChangesNothingAndIsReportedOnce(CapturedOutput output) throws Exception {
        start();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        live().bindTo(meters);
        Gauge refused = meters.get("tls.replacement.refused").gauge();
        assertThat(refused.value()).isZero();
        String error = "The replaced files cannot be used";
        Certificates.write(files.resolve("server.key"), "-----BEGIN PRIVATE KEY-----\nhalf");
        await().until(() -> reports(output, error) > 0);
        await().pollDelay(RELOAD.multipliedBy(3)).until(() -> true);
        assertThat(reports(output, error)).isEqualTo(1);
        assertThat(refused.value()).isOne();
        assertThat(greet(trusting(authority))).isEqualTo("hello");

        HeldCertificate next = Certificates.authority("next");
        Certificates.write(files, "server", Certificates.server(next));
        await().until(() -> failureOfNewConnection(trusting(next)) == null);
        await().until(() -> refused.value() == 0);
    }

    @Test
    void aReplacementThatIsNotValidYetIsNotUsedBeforeItIs(CapturedOutput output) throws Exception {
        start();
        Instant begin = Instant.now().plusSeconds(5);
        Certificates.write(files, "server", Certificates.serverFrom(authority, begin));

        await().until(() -> output.getAll().contains("names a certificate that is not valid before"));
        assertThat(greet(trusting(authority))).isEqualTo("hello");

        await().atMost(Duration.ofSeconds(20))
                .until(() -> output.getAll().lines().anyMatch(line -> line.contains("were replaced")));
        assertThat(Instant.now()).isAfterOrEqualTo(begin.truncatedTo(ChronoUnit.SECONDS));
        assertThat(greet(trusting(authority))).isEqualTo("hello");
    }

    @Test
    void aReplacementWhoseIssuerHasExpiredIsNotUsed(CapturedOutput output) throws Exception {
        start();
        HeldCertificate issuer = Certificates.issuer(authority, Duration.ofMinutes(-1));
        Certificates.write(files, "server", Certificates.server(issuer), issuer);

        await().until(() -> output.getAll().contains("names a certificate whose issuer CN=issuer has expired"));
        assertThat(failureOfNewConnection(trusting(authority))).isNull();
    }

    @Test
    void aCertificateWhoseIssuerExpiresFirstIsMeasuredAndWarnedOfByThat(CapturedOutput output) throws Exception {
        HeldCertificate issuer = Certificates.issuer(authority, Duration.ofDays(1));
        Certificates.write(files, "server", Certificates.server(issuer), issuer);
        start();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        live().bindTo(meters);
        assertThat(meters.get("tls.certificate.expiry").gauge().value())
                .isLessThan((double) Duration.ofDays(1).toSeconds());
        assertThat(output).contains("The certificate of grpc.server.security's issuer CN=issuer expires at");
    }

    @Test
    void aCertificateThatIsNotValidYetIsWarnedOfAtTheStart(CapturedOutput output) throws Exception {
        Certificates.write(
                files,
                "server",
                Certificates.serverFrom(authority, Instant.now().plusSeconds(3600)));
        start();
        assertThat(output).contains("The certificate of grpc.server.security is not valid before");
    }

    @Test
    void theTimeThatACertificateHasLeftIsMeasuredAndWarnedOf(CapturedOutput output) throws Exception {
        Certificates.write(files, "server", Certificates.server(authority, Duration.ofDays(29)));
        start();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        live().bindTo(meters);
        assertThat(meters.get("tls.certificate.expiry")
                        .tag("settings", "grpc.server.security")
                        .gauge()
                        .value())
                .isBetween((double) Duration.ofDays(28).toSeconds(), (double)
                        Duration.ofDays(29).toSeconds());
        assertThat(output).contains("The certificate of grpc.server.security expires at");
    }

    /** Returns how often this is logged of the files of this test; an earlier one may still be closing. */
    private long reports(CapturedOutput output, String error) {
        return output.getAll()
                .lines()
                .filter(line -> line.contains(error) && line.contains(files.toString()))
                .count();
    }

    private void requireClients() {
        settings.setClientAuth(ClientAuth.REQUIRE);
        settings.setTrustCertCollection(file("clients.crt"));
    }

    private void start() throws IOException {
        start(null);
    }

    /** Starts an open service, or one for holders of the scope {@code greet}. */
    private void start(@Nullable Map<String, Set<String>> callers) throws IOException {
        live = new LiveTls(ServerTls.files(settings));
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerInterceptors.interceptForward(
                        new Service(), CertificateSecurity.interceptors("helloworld.Greeter/SayHello", callers)));
        new ServerTls(settings, live, RELOAD).accept(builder);
        server = builder.build().start();
    }

    private LiveTls live() {
        if (live == null) {
            throw new IllegalStateException();
        }
        return live;
    }

    private int port() {
        if (server == null) {
            throw new IllegalStateException();
        }
        return server.getPort();
    }

    private FileSystemResource file(String name) {
        return new FileSystemResource(files.resolve(name));
    }

    private ManagedChannel trusting(HeldCertificate... authorities) throws IOException {
        return channel(TlsChannelCredentials.newBuilder()
                .trustManager(pem(authorities))
                .build());
    }

    private ManagedChannel presenting(
            HeldCertificate authority, HeldCertificate client, HeldCertificate... authorities) {
        try {
            return channel(TlsChannelCredentials.newBuilder()
                    .trustManager(pem(authorities.length == 0 ? new HeldCertificate[] {authority} : authorities))
                    .keyManager(stream(client.certificatePem()), stream(client.privateKeyPkcs8Pem()))
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized ManagedChannel channel(ChannelCredentials credentials) {
        ManagedChannel channel =
                Grpc.newChannelBuilder("localhost:" + port(), credentials).build();
        channels.add(channel);
        return channel;
    }

    private static ByteArrayInputStream pem(HeldCertificate... authorities) {
        StringBuilder pem = new StringBuilder();
        for (HeldCertificate authority : authorities) {
            pem.append(authority.certificatePem()).append('\n');
        }
        return stream(pem.toString());
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String greet(ManagedChannel channel) {
        return GreeterGrpc.newBlockingStub(channel)
                .sayHello(HelloRequest.getDefaultInstance())
                .getMessage();
    }

    private static Code failure(ManagedChannel channel) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> greet(channel))
                .getStatus()
                .getCode();
    }

    private static @Nullable StatusRuntimeException failureOrNull(ManagedChannel channel) {
        try {
            greet(channel);
            return null;
        } catch (StatusRuntimeException e) {
            return e;
        }
    }

    private static @Nullable StatusRuntimeException failureOfNewConnection(ManagedChannel channel) {
        try {
            return failureOrNull(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    /** Returns the certificate that the server shows to a new connection. */
    private X509Certificate presented(HeldCertificate client, HeldCertificate... authorities)
            throws IOException, GeneralSecurityException {
        HandshakeCertificates.Builder handshake = new HandshakeCertificates.Builder().heldCertificate(client);
        for (HeldCertificate authority : authorities) {
            handshake.addTrustedCertificate(authority.certificate());
        }
        try (SSLSocket socket = (SSLSocket)
                handshake.build().sslSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port())) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** Offers TLS 1.1 as the newest protocol and returns what comes back. */
    private byte[] answerToTls11() throws IOException {
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(hello);
        byte[] suites = {(byte) 0xc0, 0x13, (byte) 0xc0, 0x09, 0, 0x2f};
        out.writeShort(0x0302);
        out.write(new byte[32]);
        out.write(0);
        out.writeShort(suites.length);
        out.write(suites);
        out.writeShort(0x0100);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(10_000);
            DataOutputStream record = new DataOutputStream(socket.getOutputStream());
            record.write(new byte[] {0x16, 3, 1});
            record.writeShort(hello.size() + 4);
            record.writeInt(0x01000000 | hello.size());
            record.write(hello.toByteArray());
            return socket.getInputStream().readNBytes(7);
        }
    }

    /** Calls one after the other until it is told to end. */
    private static final class StreamOfCalls {

        private final AtomicInteger calls = new AtomicInteger();
        private final List<StatusRuntimeException> failures = new ArrayList<>();
        private final CompletableFuture<Void> loop;
        private volatile boolean ended;

        StreamOfCalls(Supplier<@Nullable StatusRuntimeException> call) {
            loop = CompletableFuture.runAsync(
                    () -> {
                        while (!ended) {
                            StatusRuntimeException failure = call.get();
                            if (failure == null) {
                                calls.incrementAndGet();
                            } else {
                                failures.add(failure);
                            }
                        }
                    },
                    task -> new Thread(task, "calls").start());
        }

        void end() {
            ended = true;
            loop.join();
        }
    }

    private static final class Service extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder().setMessage("hello").build());
            replies.onCompleted();
        }
    }
}
