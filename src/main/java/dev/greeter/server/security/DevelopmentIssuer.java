package dev.greeter.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Stands in for an issuer that nobody configured: one key, made at start and never stored, and one token. */
final class DevelopmentIssuer {

    static final Duration LIFETIME = Duration.ofHours(12);

    private final ECKey key;
    private final Instant expiry;
    private final String token;

    /** @param scopes of the token */
    DevelopmentIssuer(Collection<String> scopes, Instant now) throws JOSEException {
        key = new ECKeyGenerator(Curve.P_256).keyID("development").generate();
        expiry = now.plus(LIFETIME).truncatedTo(ChronoUnit.SECONDS);
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256)
                        .type(JOSEObjectType.JWT)
                        .keyID(key.getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .subject("developer")
                        .claim("scope", String.join(" ", scopes))
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(expiry))
                        .build());
        jwt.sign(new ECDSASigner(key));
        token = jwt.serialize();
    }

    JwtDecoder decoder() {
        return TokenDecoders.of(
                new ImmutableJWKSet<>(new JWKSet(key.toPublicJWK())), EnumSet.of(SignatureAlgorithm.ES256));
    }

    Instant expiry() {
        return expiry;
    }

    String token() {
        return token;
    }
}
