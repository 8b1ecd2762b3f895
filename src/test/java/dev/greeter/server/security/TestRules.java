package dev.greeter.server.security;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Who may call what, for tests of other rooms. */
public final class TestRules {

    private TestRules() {}

    /** Returns rules that leave these methods alone open. */
    public static AuthorizationRules open(String... methods) {
        return new AuthorizationRules(Arrays.stream(methods)
                .collect(Collectors.toMap(Function.identity(), method -> AuthorizationRule.OPEN)));
    }
}
