package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** How often a repeated token is verified. */
class RememberedTokensTest {

    private final List<String> checked = new ArrayList<>();
    private Instant expiry = Instant.now().plusSeconds(600);

    @Test
    void aTokenThatComesAgainIsNotCheckedAgain() {
        JwtDecoder tokens = remembering(Duration.ofMinutes(1));

        Jwt first = tokens.decode("one");

        assertThat(tokens.decode("one")).isSameAs(first);
        tokens.decode("other");
        assertThat(checked).containsExactly("one", "other");
    }

    @Test
    void aTokenThatHasExpiredInTheMeantimeIsCheckedAgain() {
        JwtDecoder tokens = remembering(Duration.ofMinutes(1));
        expiry = Instant.now().minusSeconds(600);

        tokens.decode("old");
        tokens.decode("old");

        assertThat(checked).containsExactly("old", "old");
    }

    @Test
    void aTokenThatWasRefusedIsCheckedAgain() {
        JwtDecoder tokens = remembering(Duration.ofMinutes(1));

        assertThatThrownBy(() -> tokens.decode("bad")).isInstanceOf(BadJwtException.class);
        assertThatThrownBy(() -> tokens.decode("bad")).isInstanceOf(BadJwtException.class);

        assertThat(checked).containsExactly("bad", "bad");
    }

    @Test
    void withoutTimeEachCallIsChecked() {
        JwtDecoder tokens = remembering(Duration.ZERO);

        tokens.decode("one");
        tokens.decode("one");

        assertThat(checked).containsExactly("one", "one");
    }

    private JwtDecoder remembering(Duration time) {
        return new RememberedTokens(this::check, time);
    }

    private Jwt check(String token) {
        checked.add(token);
        if (token.equals("bad")) {
            throw new BadJwtException("refused");
        }
        return Jwt.withTokenValue(token)
                .header("alg", "none")
                .issuedAt(Instant.EPOCH)
                .expiresAt(expiry)
                .build();
    }
}
