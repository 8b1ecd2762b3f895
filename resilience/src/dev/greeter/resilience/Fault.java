package dev.greeter.resilience;

/** Something that befalls a database for a while. */
record Fault(String name, Effect effect, Step begin, Step end) {

    /** What callers notice of it, and so what the health of the users must say. */
    enum Effect {
        /** Nobody can be served. */
        AWAY,
        /** Sooner or later changes are refused, when there is no room left within what is stored. */
        NO_ROOM,
        /** Calls fail now and then. */
        TROUBLE
    }

    /** What makes it begin or end. */
    interface Step {
        void run() throws Exception;
    }
}
