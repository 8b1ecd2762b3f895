package dev.greeter.server.call;

/** Marks a status as the caller's fault by being its cause: gRPC's rules make some of them INTERNAL, as if ours. */
final class CallerMistake extends RuntimeException {

    @SuppressWarnings("StaticAssignmentOfThrowable") // a marker without a stack trace
    static final CallerMistake INSTANCE = new CallerMistake();

    private static final long serialVersionUID = 1L;

    private CallerMistake() {
        super("A mistake of the caller", null, false, false);
    }
}
