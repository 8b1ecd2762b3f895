package dev.greeter.server.security;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may call a method: every caller, callers with valid credentials, or callers with a scope.
 *
 * @param authority the authority of Spring Security for the scope; null if none is required
 */
record AuthorizationRule(boolean open, @Nullable String authority) {

    static final AuthorizationRule OPEN = new AuthorizationRule(true, null);
    static final AuthorizationRule AUTHENTICATED = new AuthorizationRule(false, null);

    /** The prefix that Spring Security adds to a scope. */
    static final String AUTHORITY_PREFIX = "SCOPE_";

    private static final String SCOPE = "scope:";
    private static final Pattern ONE_SCOPE = Pattern.compile("(?!scope:)[!#-\\[\\]-~&&[^,;|]]+");

    /** Parses {@code open}, {@code authenticated} or {@code scope:NAME}. Public for Spring's conversion. */
    public static AuthorizationRule of(String text) {
        if (text.equals("open")) {
            return OPEN;
        }
        if (text.equals("authenticated")) {
            return AUTHENTICATED;
        }
        if (text.startsWith(SCOPE) && isScope(text.substring(SCOPE.length()))) {
            return new AuthorizationRule(false, AUTHORITY_PREFIX + text.substring(SCOPE.length()));
        }
        throw new IllegalArgumentException("\"" + text + "\" is not open, authenticated or scope:NAME");
    }

    /**
     * Returns whether a token can have the scope: RFC 6749 allows one no blank, quote or backslash (section 3.3). One with
     * a comma, a semicolon or a bar is a list of scopes.
     */
    static boolean isScope(String text) {
        return ONE_SCOPE.matcher(text).matches();
    }

    /** Returns the name of the scope, or null if none is required. */
    @Nullable
    String scope() {
        return authority == null ? null : authority.substring(AUTHORITY_PREFIX.length());
    }

    /** Returns the text that {@link #of} parses. */
    @Override
    public String toString() {
        if (open) {
            return "open";
        }
        return authority == null ? "authenticated" : SCOPE + scope();
    }

    boolean allows(VerifiedCaller caller) {
        return authority == null || caller.authorities().contains(authority);
    }
}
