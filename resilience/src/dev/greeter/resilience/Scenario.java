package dev.greeter.resilience;

import java.time.Duration;

/** Something bad that happens to a server, and what must hold nevertheless. */
record Scenario(String name, Duration limit, Body body) {

    /** Returns what was seen, on one line, or throws what should not have been. */
    interface Body {
        String run() throws Exception;
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
