package dev.greeter.server.security;

import dev.greeter.credentials.BearerCredentials;
import io.grpc.CallCredentials;
import java.time.Instant;
import java.util.List;

/** Callers with other scopes than the development token has, whose own are those of all methods. */
public final class TestCallers {

    private final DevelopmentIssuer issuer;

    TestCallers(DevelopmentIssuer issuer) {
        this.issuer = issuer;
    }

    public CallCredentials withScopes(String... scopes) {
        String token = issuer.token(List.of(scopes), Instant.now());
        return new BearerCredentials(() -> token, BearerCredentials.Reach.LOOPBACK);
    }
}
