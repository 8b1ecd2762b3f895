package dev.greeter.server.security;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import dev.greeter.start.SettingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.security.converter.RsaKeyConverters;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Creates the decoder of tokens from Spring's settings. Spring Boot's own decoder waits for the issuer for up to a
 * minute while it holds a lock, forgets the keys when the issuer is down, and accepts tokens that never expire.
 */
final class TokenDecoders {

    private static final Logger log = LoggerFactory.getLogger(TokenDecoders.class);

    private static final String PREFIX = "spring.security.oauth2.resourceserver.jwt.";

    private TokenDecoders() {}

    /**
     * Expects settings that name a source of keys.
     *
     * @param restricted whether the algorithms in the settings are chosen, and not Spring Boot's default
     */
    static JwtDecoder of(OAuth2ResourceServerProperties.Jwt settings, boolean restricted) {
        NimbusJwtDecoder decoder = withKeys(settings, restricted);
        if (settings.getAudiences().isEmpty()) {
            log.warn("{}audiences is not set: tokens of the issuer for other services are also accepted", PREFIX);
        }
        decoder.setJwtValidator(validator(settings.getIssuerUri(), settings.getAudiences()));
        return decoder;
    }

    static NimbusJwtDecoder of(JWKSource<SecurityContext> keys, Set<SignatureAlgorithm> algorithms) {
        return NimbusJwtDecoder.withJwkSource(keys)
                .jwsAlgorithms(accepted -> accepted.addAll(algorithms))
                .build();
    }

    private static NimbusJwtDecoder withKeys(OAuth2ResourceServerProperties.Jwt settings, boolean restricted) {
        String keys = settings.getJwkSetUri();
        if (keys != null) {
            return of(fetched(IssuerKeySource.at(uri("jwk-set-uri", keys))), algorithms(settings.getJwsAlgorithms()));
        }
        String issuer = settings.getIssuerUri();
        if (issuer != null) {
            uri("issuer-uri", issuer);
            // The key determines the algorithm; all of these are signatures, which a public key cannot create.
            return of(
                    fetched(IssuerKeySource.of(issuer)),
                    restricted ? algorithms(settings.getJwsAlgorithms()) : EnumSet.allOf(SignatureAlgorithm.class));
        }
        return withPublicKey(settings);
    }

    private static JWKSource<SecurityContext> fetched(Callable<com.nimbusds.jose.jwk.JWKSet> source) {
        return new IssuerKeys(source, IssuerKeySource.TIMEOUT.multipliedBy(2), System::nanoTime);
    }

    private static NimbusJwtDecoder withPublicKey(OAuth2ResourceServerProperties.Jwt settings) {
        Set<SignatureAlgorithm> algorithms = algorithms(settings.getJwsAlgorithms());
        if (algorithms.size() != 1) {
            throw new SettingException(
                    PREFIX + "jws-algorithms must have one algorithm if there is a public key.",
                    "Keep one of " + algorithms + ".",
                    null);
        }
        try {
            byte[] pem = settings.readPublicKey().getBytes(StandardCharsets.US_ASCII);
            return NimbusJwtDecoder.withPublicKey(RsaKeyConverters.x509().convert(new ByteArrayInputStream(pem)))
                    .signatureAlgorithm(algorithms.iterator().next())
                    .build();
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new SettingException(
                    PREFIX + "public-key-location has no usable key: " + e.getMessage(),
                    "Set it to a file with an RSA key between -----BEGIN PUBLIC KEY----- and -----END PUBLIC KEY-----.",
                    e);
        }
    }

    private static URI uri(String name, String value) {
        URI uri = null;
        try {
            uri = URI.create(value);
        } catch (IllegalArgumentException e) {
            log.debug("{}{} cannot be parsed", PREFIX, name, e);
        }
        if (uri == null || uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
            throw new InvalidConfigurationPropertyValueException(PREFIX + name, value, "It must be an HTTP(S) URL.");
        }
        return uri;
    }

    private static Set<SignatureAlgorithm> algorithms(List<String> names) {
        Set<SignatureAlgorithm> algorithms = EnumSet.noneOf(SignatureAlgorithm.class);
        for (String name : names) {
            SignatureAlgorithm algorithm = SignatureAlgorithm.from(name);
            if (algorithm == null) {
                throw new InvalidConfigurationPropertyValueException(
                        PREFIX + "jws-algorithms",
                        name,
                        "It must be one of " + EnumSet.allOf(SignatureAlgorithm.class) + ".");
            }
            algorithms.add(algorithm);
        }
        return algorithms;
    }

    private static OAuth2TokenValidator<Jwt> validator(@Nullable String issuer, List<String> audiences) {
        JwtTimestampValidator timestamps = new JwtTimestampValidator();
        timestamps.setAllowEmptyExpiryClaim(false);
        // The type of an access token is at+jwt according to RFC 9068, and JWT before it.
        JwtTypeValidator types = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
        types.setAllowEmpty(true);
        List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>(List.of(types, timestamps));
        if (issuer != null) {
            validators.add(new JwtIssuerValidator(issuer));
        }
        if (!audiences.isEmpty()) {
            validators.add(new JwtClaimValidator<List<String>>(
                    JwtClaimNames.AUD, named -> named != null && !Collections.disjoint(named, audiences)));
        }
        return JwtValidators.createDefaultWithValidators(validators);
    }
}
