package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusal.RefusedException;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;

/** How often a repeated token is verified. */
class VerifiedCallersTest {

    private static final Duration CACHE_TIME = Duration.ofMinutes(1);

    private final List<String> verified = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Instant expiry = now.plusSeconds(600);

    @Test
    void aTokenThatComesAgainIsNotVerifiedAgain() throws RefusedException {
        CallerCredentials credentials = remembering(CACHE_TIME);

        VerifiedCaller first = credentials.verify(Attributes.EMPTY, bearer("one"));

        assertThat(credentials.verify(Attributes.EMPTY, bearer("one"))).isSameAs(first);
        assertThat(credentials.known(Attributes.EMPTY, bearer("one"))).isSameAs(first);
        credentials.verify(Attributes.EMPTY, bearer("other"));
        assertThat(verified).containsExactly("one", "other");
    }

    @Test
    void aTokenIsVerifiedAgainWhenTheTimeHasPassed() throws RefusedException {
        CallerCredentials credentials = remembering(CACHE_TIME);
        credentials.verify(Attributes.EMPTY, bearer("one"));

        now = now.plus(CACHE_TIME).minusMillis(1);
        credentials.verify(Attributes.EMPTY, bearer("one"));
        assertThat(verified).containsExactly("one");

        now = now.plusMillis(1);
        assertThat(credentials.known(Attributes.EMPTY, bearer("one"))).isNull();
        credentials.verify(Attributes.EMPTY, bearer("one"));
        assertThat(verified).containsExactly("one", "one");
    }

    @Test
    void aTokenThatHasExpiredInTheMeantimeIsVerifiedAgain() throws RefusedException {
        CallerCredentials credentials = remembering(Duration.ofHours(1));
        credentials.verify(Attributes.EMPTY, bearer("old"));

        now = expiry.plus(VerifiedCallers.CLOCK_SKEW);
        credentials.verify(Attributes.EMPTY, bearer("old"));
        assertThat(verified).containsExactly("old");

        now = now.plusMillis(1);
        assertThat(credentials.known(Attributes.EMPTY, bearer("old"))).isNull();
        credentials.verify(Attributes.EMPTY, bearer("old"));
        assertThat(verified).containsExactly("old", "old");
    }

    @Test
    void aTokenThatWasRefusedIsVerifiedAgain() {
        CallerCredentials credentials = remembering(CACHE_TIME);

        assertThat(refusal(credentials, bearer("bad"))).isEqualTo(Refusal.TOKEN_INVALID);
        assertThat(refusal(credentials, bearer("bad"))).isEqualTo(Refusal.TOKEN_INVALID);

        assertThat(verified).containsExactly("bad", "bad");
    }

    @Test
    void withoutTimeEachCallIsVerified() throws RefusedException {
        CallerCredentials credentials = remembering(Duration.ZERO);

        credentials.verify(Attributes.EMPTY, bearer("one"));
        credentials.verify(Attributes.EMPTY, bearer("one"));

        assertThat(verified).containsExactly("one", "one");
    }

    @Test
    void aTokenThatDiffersByOneCharacterIsAnother() throws RefusedException {
        CallerCredentials credentials = remembering(CACHE_TIME);
        String token = "header.payload.signature-of-some-length";
        credentials.verify(Attributes.EMPTY, bearer(token));

        for (String other : List.of(
                token.substring(0, token.length() - 1),
                token.substring(1),
                token + "h",
                // the same length and end, and so the same hash
                token.replace("payload", "paYload"))) {
            assertThat(credentials.known(Attributes.EMPTY, bearer(other))).isNull();
        }
        assertThat(credentials.known(Attributes.EMPTY, bearer(token))).isNotNull();
    }

    @Test
    void aSecondValueOrAnotherSchemeIsNotKnown() throws RefusedException {
        CallerCredentials credentials = remembering(CACHE_TIME);
        credentials.verify(Attributes.EMPTY, bearer("one"));
        Metadata twice = bearer("one");
        twice.merge(bearer("one"));

        assertThat(credentials.known(Attributes.EMPTY, twice)).isNull();
        assertThat(credentials.known(Attributes.EMPTY, header("Basic one"))).isNull();
        assertThat(refusal(credentials, twice)).isEqualTo(Refusal.CREDENTIALS_MALFORMED);
    }

    @Test
    void manyTokensTakeNoMoreMemoryThanSome() {
        VerifiedCallers callers = new VerifiedCallers(CACHE_TIME);
        VerifiedCaller caller = VerifiedCaller.of(new JwtAuthenticationConverter().convert(verify("one")), Instant.MAX);

        for (int i = 0; i < 1_000_000; i++) {
            callers.put(("Bearer " + i).getBytes(StandardCharsets.US_ASCII), caller);
        }

        assertThat(callers.bytes()).isLessThanOrEqualTo(1 << 20);
    }

    private CallerCredentials remembering(Duration time) {
        return new CallerCredentials(
                this::verify,
                new VerifiedCallers(
                        time, () -> Duration.between(Instant.EPOCH, now).toNanos(), () -> now),
                new JwtAuthenticationConverter(),
                new CertificateCallers(Map.of()),
                1000);
    }

    private Jwt verify(String token) {
        verified.add(token);
        if (token.equals("bad")) {
            throw new BadJwtException("refused");
        }
        return Jwt.withTokenValue(token)
                .header("alg", "none")
                .issuedAt(Instant.EPOCH)
                .expiresAt(expiry)
                .build();
    }

    private static Refusal refusal(CallerCredentials credentials, Metadata headers) {
        return catchThrowableOfType(RefusedException.class, () -> credentials.verify(Attributes.EMPTY, headers))
                .refusal();
    }

    private static Metadata bearer(String token) {
        return header("Bearer " + token);
    }

    private static Metadata header(String value) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value);
        return headers;
    }
}
