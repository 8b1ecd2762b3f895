package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which page tokens are accepted: those that were made with the same key, unchanged. */
class PageTokensTest {

    private static final UUID ID = UUID.fromString("0190163d-8694-739b-aea5-966c26f8ad90");

    private final PageTokens tokens = new PageTokens(new byte[32]);

    @Test
    void aTokenNamesTheLastIdOfItsPage() {
        assertThat(tokens.read(tokens.after(ID))).isEqualTo(ID);
    }

    @Test
    void aTokenOfAnotherKeyIsRefused() {
        assertThat(new PageTokens("another key".getBytes(StandardCharsets.UTF_8)).read(tokens.after(ID)))
                .isNull();
    }

    @Test
    void aTokenWithAnyChangedByteIsRefused() {
        byte[] token = Base64.getUrlDecoder().decode(tokens.after(ID));
        for (int i = 0; i < token.length; i++) {
            byte[] changed = token.clone();
            changed[i] ^= 1;

            assertThat(tokens.read(Base64.getUrlEncoder().withoutPadding().encodeToString(changed)))
                    .as("byte %s", i)
                    .isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "not base64!", "0190163d-8694-739b-aea5-966c26f8ad90"})
    void whatIsNoTokenIsRefused(String text) {
        assertThat(tokens.read(text)).isNull();
    }

    @Test
    void aTokenThatIsCutOrLongerIsRefused() {
        String token = tokens.after(ID);

        assertThat(tokens.read(token.substring(1))).isNull();
        assertThat(tokens.read(token + "AAAA")).isNull();
    }

    @Test
    void anotherTextOfTheSameBytesIsRefused() {
        String token = tokens.after(ID);
        int last = token.length() - 1;
        String unused = token.substring(0, last) + (char) (token.charAt(last) + 1);
        assertThat(Base64.getUrlDecoder().decode(unused))
                .isEqualTo(Base64.getUrlDecoder().decode(token));

        assertThat(tokens.read(unused)).isNull();
        assertThat(tokens.read(token + "=")).isNull();
    }
}
