package dev.greeter.server.security;

import dev.greeter.service.Refusals;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/** The interceptors that let client certificates call, without tokens. */
public final class CertificateSecurity {

    private CertificateSecurity() {}

    /**
     * Returns the interceptors of a server with one method.
     *
     * @param callers with their scopes, of which the method requires {@code greet}; null leaves it open
     */
    public static List<ServerInterceptor> interceptors(String method, @Nullable Map<String, Set<String>> callers) {
        Refusals refusals = new Refusals(new SimpleMeterRegistry());
        AuthorizationRules access = new AuthorizationRules(
                Map.of(method, callers == null ? AuthorizationRule.OPEN : AuthorizationRule.of("scope:greet")));
        CallerCredentials credentials = new CallerCredentials(
                token -> {
                    throw new AssertionError("There are no tokens here");
                },
                new VerifiedCallers(Duration.ZERO),
                JwtAuthenticationToken::new,
                new CertificateCallers(callers == null ? Map.of() : callers),
                1000);
        return List.of(
                new KnownCallerInterceptor(access, credentials),
                new AuthenticationInterceptor(access, credentials, refusals),
                new AuthorizationInterceptor(access, refusals));
    }
}
