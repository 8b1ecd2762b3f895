package dev.greeter.server.security;

import com.nimbusds.jose.JOSEException;
import dev.greeter.credentials.BearerCredentials;
import dev.greeter.server.ChainOrder;
import dev.greeter.service.Refusals;
import io.grpc.BindableService;
import io.grpc.CallCredentials;
import io.grpc.ServerServiceDefinition;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.service.GrpcService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManagers;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.web.SecurityFilterChain;

/** Declares authentication and authorization: the access table, and the keys that verify tokens. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties({SecuritySettings.class, OAuth2ResourceServerProperties.class})
class SecurityConfiguration {

    private static final Logger log = LoggerFactory.getLogger(SecurityConfiguration.class);

    private static final String REFLECTION = "grpc.reflection.";

    /** The scope of the management port. */
    private static final String MANAGEMENT = "actuator";

    @Bean
    AuthorizationRules authorizationRules(SecuritySettings settings, ApplicationContext services) {
        Map<String, AuthorizationRule> methods = new HashMap<>(settings.access());
        for (String version : List.of("v1", "v1alpha")) {
            methods.putIfAbsent(
                    REFLECTION + version + ".ServerReflection/ServerReflectionInfo",
                    settings.reflection() == SecuritySettings.Reflection.OPEN
                            ? AuthorizationRule.OPEN
                            : AuthorizationRule.AUTHENTICATED);
        }
        AuthorizationRules rules = new AuthorizationRules(methods);
        rules.requireAll(served(services));
        return rules;
    }

    /** Checks the table, except without a port, as in tests with only some of the services. */
    @Bean
    SmartInitializingSingleton authorizationRulesCheck(
            SecuritySettings settings, ObjectProvider<GrpcServerProperties> server, ApplicationContext services) {
        return () -> {
            if (server.stream().anyMatch(properties -> properties.getPort() != -1)) {
                AuthorizationRules.requireServed(
                        settings.access().keySet().stream()
                                .filter(method -> !method.startsWith(REFLECTION))
                                .toList(),
                        served(services));
            }
        };
    }

    private static Collection<ServerServiceDefinition> served(ApplicationContext services) {
        return services.getBeansWithAnnotation(GrpcService.class).values().stream()
                .map(service -> ((BindableService) service).bindService())
                .toList();
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.AUTHENTICATION)
    AuthenticationInterceptor authenticationInterceptor(
            AuthorizationRules rules, CallerCredentials credentials, Refusals refusals) {
        return new AuthenticationInterceptor(rules, credentials, refusals);
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.AUTHORIZATION)
    AuthorizationInterceptor authorizationInterceptor(AuthorizationRules rules, Refusals refusals) {
        return new AuthorizationInterceptor(rules, refusals);
    }

    @Bean
    CallerCredentials callerCredentials(
            JwtDecoder decoder, ObjectProvider<JwtAuthenticationConverter> callers, SecuritySettings settings) {
        return new CallerCredentials(
                decoder,
                callers.getIfAvailable(JwtAuthenticationConverter::new),
                new CertificateCallers(settings.certificates()),
                (int) settings.tokens().maxSize().toBytes());
    }

    @Bean
    JwtDecoder jwtDecoder(
            OAuth2ResourceServerProperties tokens,
            ObjectProvider<DevelopmentIssuer> development,
            SecuritySettings settings) {
        DevelopmentIssuer issuer = development.getIfAvailable();
        return new RememberedTokens(
                issuer == null ? TokenDecoders.of(tokens.getJwt()) : issuer.decoder(),
                settings.tokens().cacheTime());
    }

    @Bean
    @Conditional(NoIssuer.class)
    DevelopmentIssuer developmentIssuer(AuthorizationRules rules) throws JOSEException {
        Set<String> scopes = new TreeSet<>(rules.scopes());
        scopes.add(MANAGEMENT);
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
    CallCredentials developmentToken(DevelopmentIssuer issuer) {
        return new BearerCredentials(issuer::token, BearerCredentials.Reach.LOOPBACK);
    }

    /** Health and info are open; the rest of the management port requires this host or a token with its scope. */
    @Bean
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    SecurityFilterChain managementAccess(HttpSecurity http) {
        return http.authorizeHttpRequests(requests -> requests.requestMatchers(EndpointRequest.to("health", "info"))
                        .permitAll()
                        .anyRequest()
                        .access(AuthorizationManagers.anyOf(
                                AuthorityAuthorizationManager.hasAuthority(
                                        AuthorizationRule.AUTHORITY_PREFIX + MANAGEMENT),
                                (caller, request) ->
                                        new AuthorizationDecision(SameHostValve.isFromThisHost(request.getRequest())))))
                .oauth2ResourceServer(tokens -> tokens.jwt(Customizer.withDefaults()))
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .csrf(AbstractHttpConfigurer::disable)
                .build();
    }

    @Bean
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    SameHostCustomizer sameHostCustomizer() {
        return new SameHostCustomizer();
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
