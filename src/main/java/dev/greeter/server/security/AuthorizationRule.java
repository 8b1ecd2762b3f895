package dev.greeter.server.security;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * Who may call a method: everyone, whoever has valid credentials, or whoever holds a scope.
 *
 * @param authority what Spring Security calls the scope; null if none is needed
 */
record AuthorizationRule(boolean open, @Nullable String authority) {

    static final AuthorizationRule OPEN = new AuthorizationRule(true, null);
    static final AuthorizationRule AUTHENTICATED = new AuthorizationRule(false, null);

    /** What Spring Security puts before a scope. */
    static final String AUTHORITY_PREFIX = "SCOPE_";

    private static final String SCOPE = "scope:";

    /** Reads {@code open}, {@code authenticated} or {@code scope:NAME}. Public, as Spring calls it for settings. */
    public static AuthorizationRule of(String text) {
        if (text.equals("open")) {
            return OPEN;
        }
        if (text.equals("authenticated")) {
            return AUTHENTICATED;
        }
        if (text.startsWith(SCOPE) && text.length() > SCOPE.length()) {
            return new AuthorizationRule(false, AUTHORITY_PREFIX + text.substring(SCOPE.length()));
        }
        throw new IllegalArgumentException("\"" + text + "\" is none of open, authenticated and scope:NAME");
    }

    /** Returns the name of the scope, or null if none is needed. */
    @Nullable
    String scope() {
        return authority == null ? null : authority.substring(AUTHORITY_PREFIX.length());
    }

    /** Returns what {@link #of} reads. */
    @Override
    public String toString() {
        if (open) {
            return "open";
        }
        return authority == null ? "authenticated" : SCOPE + scope();
    }

    boolean allows(Authentication caller) {
        if (authority == null) {
            return true;
        }
        for (GrantedAuthority granted : caller.getAuthorities()) {
            if (Objects.equals(granted.getAuthority(), authority)) {
                return true;
            }
        }
        return false;
    }
}
