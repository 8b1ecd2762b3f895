package dev.greeter.start;

/** A profile was asked for that changes nothing: most likely a misspelt name. */
final class UnknownProfileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownProfileException(String profile) {
        super("There is no profile \"" + profile + "\": no file application-" + profile + ".yml was found.");
    }
}
