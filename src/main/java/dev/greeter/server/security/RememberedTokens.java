package dev.greeter.server.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;

/**
 * Decodes a token that comes again without checking its signature again, for a while: to check it costs as much as many
 * calls. When it expires is looked at each time; a key that its issuer withdraws is believed until the while is over.
 */
final class RememberedTokens implements JwtDecoder {

    /** Some hundred usual tokens, and no more memory for any of them than for the tokens alone and their claims. */
    private static final long MAX_CHARACTERS = 1 << 20;

    private final JwtDecoder decoder;
    private final JwtTimestampValidator timestamps = new JwtTimestampValidator();
    private final Cache<String, Jwt> verified;

    RememberedTokens(JwtDecoder decoder, Duration time) {
        this.decoder = decoder;
        this.verified = Caffeine.newBuilder()
                .expireAfterWrite(time)
                .maximumWeight(MAX_CHARACTERS)
                .weigher((String token, Jwt jwt) -> token.length())
                .build();
    }

    @Override
    public Jwt decode(String token) {
        Jwt known = verified.getIfPresent(token);
        if (known != null && !timestamps.validate(known).hasErrors()) {
            return known;
        }
        Jwt jwt = decoder.decode(token);
        verified.put(token, jwt);
        return jwt;
    }
}
