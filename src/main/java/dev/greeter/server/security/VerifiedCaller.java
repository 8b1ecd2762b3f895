package dev.greeter.server.security;

import dev.greeter.service.Caller;
import io.grpc.Context;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * A caller whose credentials have been verified.
 *
 * @param authorities the names of what the caller may do, of which a rule looks up its own
 * @param expiry when the credentials expire; the clock of their issuer may be {@link VerifiedCallers#CLOCK_SKEW} late
 */
record VerifiedCaller(Authentication authentication, Set<String> authorities, Instant expiry) {

    static final Context.Key<VerifiedCaller> KEY = Context.key("verified-caller");

    static VerifiedCaller of(Authentication authentication, Instant expiry) {
        return new VerifiedCaller(
                authentication,
                authentication.getAuthorities().stream()
                        .map(GrantedAuthority::getAuthority)
                        .collect(Collectors.toUnmodifiableSet()),
                expiry);
    }

    Context callContext() {
        return Context.current().withValues(KEY, this, Caller.KEY, authentication);
    }
}
