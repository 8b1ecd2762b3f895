package dev.greeter.resilience;

/** A temporary fault of a database. */
record Fault(String name, Effect effect, Step begin, Step end) {

    /** The effect on callers, which the health of the User service must report. */
    enum Effect {
        /** No call can be served. */
        AWAY,
        /** Sooner or later changes are refused, when the free space within the files is used up. */
        NO_ROOM,
        /** Some calls fail. */
        TROUBLE
    }

    /** An action that begins or ends it. */
    interface Step {
        void run() throws Exception;
    }
}
