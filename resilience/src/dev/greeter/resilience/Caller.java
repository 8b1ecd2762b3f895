package dev.greeter.resilience;

/** A caller that makes one call after the other. */
interface Caller {

    /** Makes a call, and returns whether it got a clear answer. */
    boolean call() throws Exception;
}
