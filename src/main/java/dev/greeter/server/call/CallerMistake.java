package dev.greeter.server.call;

/** Marks a status, as its cause, as a mistake of the caller: gRPC requires INTERNAL for some of these. */
final class CallerMistake extends RuntimeException {

    @SuppressWarnings("StaticAssignmentOfThrowable") // a marker without a stack trace
    static final CallerMistake INSTANCE = new CallerMistake();

    private static final long serialVersionUID = 1L;

    private CallerMistake() {
        super("A mistake of the caller", null, false, false);
    }
}
