package dev.greeter.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.EnumSet;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/** Replaces an issuer that is not configured: with one key, created at the start and never stored, and one token. */
final class DevelopmentIssuer {

    static final Duration LIFETIME = Duration.ofHours(12);

    private final JWKSource<SecurityContext> keys;
    private final Instant expiry;
    private final String token;

    /** @param scopes of the token */
    DevelopmentIssuer(Collection<String> scopes, Instant now) throws JOSEException {
        keys = new ImmutableJWKSet<>(
                new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("development").generate()));
        expiry = now.plus(LIFETIME).truncatedTo(ChronoUnit.SECONDS);
        token = token(scopes, now);
    }

    String token(Collection<String> scopes, Instant now) {
        JwtClaimsSet claims = JwtClaimsSet.builder()
                .subject("developer")
                .claim("scope", String.join(" ", scopes))
                .issuedAt(now)
                .expiresAt(expiry)
                .build();
        JwsHeader header = JwsHeader.with(SignatureAlgorithm.ES256).type("JWT").build();
        return new NimbusJwtEncoder(keys)
                .encode(JwtEncoderParameters.from(header, claims))
                .getTokenValue();
    }

    JwtDecoder decoder() {
        return TokenDecoders.of(keys, EnumSet.of(SignatureAlgorithm.ES256));
    }

    Instant expiry() {
        return expiry;
    }

    String token() {
        return token;
    }
}
