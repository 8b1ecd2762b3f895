package dev.greeter.server.security;

import io.grpc.ServerInterceptor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/** The interceptors that let client certificates call, without tokens. */
public final class CertificateSecurity {

    private CertificateSecurity() {}

    /** @param callers with their scopes, of which the method needs {@code greet}; null leaves it open */
    public static List<ServerInterceptor> interceptors(String method, @Nullable Map<String, Set<String>> callers) {
        AccessTable access = new AccessTable(Map.of(method, callers == null ? Access.OPEN : Access.of("scope:greet")));
        CallerCredentials credentials = new CallerCredentials(
                token -> {
                    throw new AssertionError("There are no tokens here");
                },
                JwtAuthenticationToken::new,
                new CertificateCallers(callers == null ? Map.of() : callers),
                1000);
        return List.of(new AuthenticationInterceptor(access, credentials), new AuthorizationInterceptor(access));
    }
}
