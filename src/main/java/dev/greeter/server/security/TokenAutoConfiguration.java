package dev.greeter.server.security;

import com.nimbusds.jose.JOSEException;
import dev.greeter.credentials.BearerCredentials;
import dev.greeter.start.SettingRules;
import dev.greeter.start.StrictStart;
import io.grpc.CallCredentials;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientSecurityAutoConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Declares the verification of tokens, unless the application has its own {@link JwtDecoder}. */
@AutoConfiguration(before = {OAuth2ResourceServerAutoConfiguration.class, GrpcClientSecurityAutoConfiguration.class})
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.security.enabled"},
        matchIfMissing = true)
@ConditionalOnMissingBean(JwtDecoder.class)
@EnableConfigurationProperties(OAuth2ResourceServerProperties.class)
public class TokenAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(TokenAutoConfiguration.class);

    private static final String PREFIX = "spring.security.oauth2.resourceserver.";

    /** Settings of another kind of tokens. */
    private static final List<String> OPAQUE = List.of("introspection-uri", "client-id", "client-secret");

    /** Settings of the tokens of an issuer, or of another kind of tokens. */
    private static final List<String> OF_AN_ISSUER = List.of(
            "jwt.audiences",
            "jwt.jws-algorithms",
            "jwt.authorities-claim-name",
            "jwt.authorities-claim-delimiter",
            "jwt.authorities-claim-expression",
            "jwt.authority-prefix",
            "jwt.principal-claim-name",
            "opaquetoken.introspection-uri",
            "opaquetoken.client-id",
            "opaquetoken.client-secret");

    private static final String REMEDY =
            "Set spring.security.oauth2.resourceserver.jwt.issuer-uri, jwk-set-uri or public-key-location.";

    @Bean
    JwtDecoder jwtDecoder(
            OAuth2ResourceServerProperties tokens,
            ObjectProvider<DevelopmentIssuer> development,
            Environment environment) {
        DevelopmentIssuer issuer = development.getIfAvailable();
        if (issuer != null) {
            return issuer.decoder();
        }
        OAuth2ResourceServerProperties.Jwt jwt = tokens.getJwt();
        if (jwt.getJwkSetUri() != null || jwt.getIssuerUri() != null) {
            SettingRules.refuseWithoutEffect(
                    environment,
                    PREFIX + "jwt.",
                    List.of("public-key-location"),
                    "the keys are fetched, as jwk-set-uri or issuer-uri says",
                    "Remove it, or the other.");
        }
        SettingRules.refuseWithoutEffect(
                environment, PREFIX + "opaquetoken.", OPAQUE, "tokens are verified by keys", "Remove it.");
        return TokenDecoders.of(
                jwt,
                Binder.get(environment)
                        .bind(PREFIX + "jwt.jws-algorithms", Bindable.listOf(String.class))
                        .isBound());
    }

    /** Only with the decoder above: one of the application may refuse a token that it has accepted before. */
    @Bean
    VerifiedCallers verifiedCallers(SecuritySettings settings) {
        return new VerifiedCallers(settings.tokens().cacheTime());
    }

    @Bean
    @Conditional(NoIssuer.class)
    DevelopmentIssuer developmentIssuer(AuthorizationRules rules, Environment environment) throws JOSEException {
        SettingRules.refuseWithoutEffect(
                environment,
                PREFIX,
                OF_AN_ISSUER,
                "no issuer of tokens is set, and the server accepts only its development token",
                REMEDY);
        StrictStart.refuse(environment, "No issuer of tokens is set", REMEDY);
        Set<String> scopes = new TreeSet<>(rules.scopes());
        scopes.add(SecurityAutoConfiguration.MANAGEMENT);
        DevelopmentIssuer issuer = new DevelopmentIssuer(scopes, Instant.now());
        log.warn(
                "No token issuer is set (spring.security.oauth2.resourceserver.jwt.issuer-uri): only this"
                        + " development token is valid, until {} or the end of this process: {}",
                issuer.expiry(),
                issuer.token());
        return issuer;
    }

    @Bean
    @Conditional(NoIssuer.class)
    @ConditionalOnMissingBean(CallCredentials.class)
    CallCredentials developmentToken(DevelopmentIssuer issuer) {
        return new BearerCredentials(issuer::token, BearerCredentials.Reach.LOOPBACK);
    }

    /** Matches if none of Spring's settings configures the keys of tokens. */
    static final class NoIssuer extends NoneNestedConditions {

        NoIssuer() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty("spring.security.oauth2.resourceserver.jwt.issuer-uri")
        static final class Issuer {}

        @ConditionalOnProperty("spring.security.oauth2.resourceserver.jwt.jwk-set-uri")
        static final class KeySet {}

        @ConditionalOnProperty("spring.security.oauth2.resourceserver.jwt.public-key-location")
        static final class PublicKey {}
    }
}
