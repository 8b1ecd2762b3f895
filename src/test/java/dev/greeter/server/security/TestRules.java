package dev.greeter.server.security;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Authorization rules for tests of other packages. */
public final class TestRules {

    private TestRules() {}

    /** Returns rules that leave only these methods open. */
    public static AuthorizationRules open(String... methods) {
        return new AuthorizationRules(Arrays.stream(methods)
                .collect(Collectors.toMap(Function.identity(), method -> AuthorizationRule.OPEN)));
    }
}
