package dev.greeter.server.security;

import static dev.greeter.start.SettingRules.refuseWithoutEffect;
import static dev.greeter.start.SettingRules.requireKeys;

import dev.greeter.server.ChainOrder;
import dev.greeter.server.ServiceDefinitions;
import dev.greeter.service.Refusals;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
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

/** Declares authentication and authorization: the access table, and who a caller is. */
@AutoConfiguration(
        before = {
            GrpcServerAutoConfiguration.class,
            ManagementWebSecurityAutoConfiguration.class,
            OAuth2ResourceServerAutoConfiguration.class,
            ServletWebSecurityAutoConfiguration.class
        })
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.security.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(SecuritySettings.class)
class SecurityAutoConfiguration {

    private static final String REFLECTION = "grpc.reflection.";
    private static final String HEALTH = "grpc.health.v1.Health/";

    private static final String A_LINE_FOR_EACH_METHOD =
            "Write a line for each method, as in service.access[PACKAGE.SERVICE/METHOD].";

    /** The name of a method has dots and a slash, and its rule no parts. */
    private static final Pattern METHOD = Pattern.compile("\\.?\\[[^\\[\\]]+]");

    /** A DNS name needs no brackets; scopes may be a list. */
    private static final Pattern CERTIFICATE = Pattern.compile("\\.?\\[.*|\\.[\\w.-]+(\\[\\d+])?");

    /** The scope of the management port. */
    static final String MANAGEMENT = "actuator";

    @Bean
    AuthorizationRules authorizationRules(
            SecuritySettings settings, ApplicationContext services, ConfigurableEnvironment environment) {
        refuseWithoutEffect(
                environment,
                "service.",
                List.of("access"),
                "it is a table, which has no value of its own",
                A_LINE_FOR_EACH_METHOD);
        requireKeys(environment, "service.access", METHOD, A_LINE_FOR_EACH_METHOD);
        requireKeys(
                environment,
                "service.certificates",
                CERTIFICATE,
                "Write the key in brackets, as in service.certificates[CN=batch,O=Example].");
        Collection<ServerServiceDefinition> served = served(services);
        Map<String, AuthorizationRule> methods = AccessVariables.added(
                settings.access(), AuthorizationRules.methods(served).toList(), environment);
        for (String version : List.of("v1", "v1alpha")) {
            methods.putIfAbsent(
                    REFLECTION + version + ".ServerReflection/ServerReflectionInfo",
                    settings.reflection() == SecuritySettings.Reflection.OPEN
                            ? AuthorizationRule.OPEN
                            : AuthorizationRule.AUTHENTICATED);
        }
        // as probes have no token
        AuthorizationRules.methods(served)
                .filter(method -> method.startsWith(HEALTH))
                .forEach(method -> methods.putIfAbsent(method, AuthorizationRule.OPEN));
        AuthorizationRules rules = new AuthorizationRules(methods);
        rules.requireAll(served);
        return rules;
    }

    /** Checks the table, except without a port, as in tests with only some of the services. */
    @Bean
    SmartInitializingSingleton authorizationRulesCheck(
            AuthorizationRules rules, ObjectProvider<GrpcServerProperties> server, ApplicationContext services) {
        return () -> {
            if (server.stream().anyMatch(properties -> properties.getPort() != -1)) {
                rules.requireServed(served(services), REFLECTION, services.getEnvironment());
            }
        };
    }

    private static Collection<ServerServiceDefinition> served(ApplicationContext services) {
        return services.getBeansWithAnnotation(GrpcService.class).values().stream()
                .map(service -> ServiceDefinitions.of((BindableService) service))
                .toList();
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.KNOWN_CALLER)
    KnownCallerInterceptor knownCallerInterceptor(AuthorizationRules rules, CallerCredentials credentials) {
        return new KnownCallerInterceptor(rules, credentials);
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
            JwtDecoder decoder,
            ObjectProvider<VerifiedCallers> callers,
            ObjectProvider<JwtAuthenticationConverter> converter,
            SecuritySettings settings) {
        return new CallerCredentials(
                decoder,
                callers.getIfAvailable(() -> new VerifiedCallers(Duration.ZERO)),
                converter.getIfAvailable(JwtAuthenticationConverter::new),
                new CertificateCallers(settings.certificates()),
                (int) settings.tokens().maxSize().toBytes());
    }

    /** Health and info are open; the rest of the management port requires this host or a token with its scope. */
    @Bean
    @ConditionalOnMissingBean(SecurityFilterChain.class)
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
}
