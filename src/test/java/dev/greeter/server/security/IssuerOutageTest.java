package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusal.RefusedException;
import dev.greeter.test.TestIssuer;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;

/** Tokens while their issuer is down or slow, over real sockets. */
class IssuerOutageTest {

    @Test
    void aTokenIsNotRefusedForGoodWhileTheIssuerIsDown() {
        CallerCredentials credentials;
        String token;
        try (TestIssuer issuer = new TestIssuer()) {
            credentials = credentials(issuer.uri());
            token = issuer.token("greet");
        }
        assertThat(refusal(credentials, token)).isEqualTo(Refusal.KEYS_UNAVAILABLE);
    }

    @Test
    void aTokenIsNotRefusedForGoodWhileTheIssuerDoesNotAnswer() throws IOException {
        try (TestIssuer issuer = new TestIssuer();
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CallerCredentials credentials = credentials("http://localhost:" + silent.getLocalPort());
            assertThat(refusal(credentials, issuer.token("greet"))).isEqualTo(Refusal.KEYS_UNAVAILABLE);
        }
    }

    @Test
    void knownKeysCheckTokensWhileTheIssuerIsDown() {
        TestIssuer issuer = new TestIssuer();
        CallerCredentials credentials = credentials(issuer.uri());
        String token = issuer.token("greet");
        assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(token)))
                .doesNotThrowAnyException();
        issuer.close();
        assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(token)))
                .doesNotThrowAnyException();
    }

    @Test
    void anIssuerThatCallsItselfOtherwiseIsNotBelieved() {
        try (TestIssuer issuer = new TestIssuer()) {
            String otherName = issuer.uri().replace("localhost", "127.0.0.1");
            assertThat(refusal(credentials(otherName), issuer.token("greet"))).isEqualTo(Refusal.KEYS_UNAVAILABLE);
        }
    }

    @Test
    void anIssuerThatRotatesItsKeysAgainAndAgainIsFollowed() {
        try (TestIssuer issuer = new TestIssuer()) {
            CallerCredentials credentials = credentials(issuer.uri());
            for (int i = 0; i < 4; i++) {
                String token = issuer.token("greet");
                assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(token)))
                        .doesNotThrowAnyException();
                issuer.rotate();
            }
        }
    }

    @Test
    void keysThatMoveAreFoundAgain() {
        try (TestIssuer issuer = new TestIssuer()) {
            CallerCredentials credentials = credentials(issuer.uri());
            String first = issuer.token("greet");
            assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(first)))
                    .doesNotThrowAnyException();
            issuer.moveKeys();
            issuer.rotate();
            String second = issuer.token("greet");
            assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(second)))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void anIssuerThatDripsItsAnswerIsGivenUpAndAskedAgain() {
        CountDownLatch healed = new CountDownLatch(1);
        try (TestIssuer issuer = new TestIssuer()) {
            CallerCredentials credentials = credentials(issuer.uri());
            String token = issuer.token("greet");
            issuer.drip(healed);
            assertThat(refusal(credentials, token)).isEqualTo(Refusal.KEYS_UNAVAILABLE);
            // Fetches in progress continue byte by byte, but a later one is answered.
            issuer.drip(new CountDownLatch(0));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(token)))
                            .doesNotThrowAnyException());
        } finally {
            healed.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null,",
                "'text',",
                "5,[],",
                "{'kty':'OKP','crv':'Ed25519','kid':'ed','alg':'EdDSA','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuuPR0gyU'},",
                "{'kty':'OKP','crv':'Ed25519','alg':'Ed25519','x':'11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIuuPR0gyU'},",
                "{'kty':'EC','crv':'brainpoolP256r1','kid':'bp','x':'AQ','y':'AQ'},",
                "{'kty':'AKP','alg':'ML-DSA-44','kid':'pq','pub':'AQ'},",
                "{'kty':'RSA','kid':'broken'},"
            })
    void aKeyThatIsNotKnownStopsNoOther(String key) {
        try (TestIssuer issuer = new TestIssuer()) {
            issuer.publish(key.replace('\'', '"'));
            CallerCredentials credentials = credentials(issuer.uri());
            String token = issuer.token("greet");
            assertThatCode(() -> credentials.verify(Attributes.EMPTY, bearer(token)))
                    .doesNotThrowAnyException();
        }
    }

    private static CallerCredentials credentials(String issuer) {
        OAuth2ResourceServerProperties.Jwt settings = new OAuth2ResourceServerProperties().getJwt();
        settings.setIssuerUri(issuer);
        return new CallerCredentials(
                TokenDecoders.of(settings, false),
                new VerifiedCallers(Duration.ZERO),
                new JwtAuthenticationConverter(),
                new CertificateCallers(Map.of()),
                8000);
    }

    private static Refusal refusal(CallerCredentials credentials, String token) {
        return catchThrowableOfType(RefusedException.class, () -> credentials.verify(Attributes.EMPTY, bearer(token)))
                .refusal();
    }

    private static Metadata bearer(String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return headers;
    }
}
