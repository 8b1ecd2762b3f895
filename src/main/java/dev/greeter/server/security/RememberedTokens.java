package dev.greeter.server.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;

/**
 * Accepts a verified token for some time without verifying its signature again, which takes as long as many calls. The
 * expiry is checked each time. A token whose key the issuer withdraws is accepted until this time has passed.
 */
final class RememberedTokens implements JwtDecoder {

    /** Enough for some hundred tokens of usual size, and a bound for their memory. */
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
