package dev.greeter.resilience;

import java.time.Duration;

/** A fault or an attack, and what must hold nevertheless. */
record Scenario(String name, Duration limit, Body body) {

    /** Returns the result in one line, or throws if the requirement does not hold. */
    interface Body {
        String run() throws Exception;
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
