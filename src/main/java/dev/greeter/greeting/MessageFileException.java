package dev.greeter.greeting;

import org.jspecify.annotations.Nullable;

/** A message file that the Greeter cannot speak from; it stops the start. */
final class MessageFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MessageFileException(String file, String problem, @Nullable Throwable cause) {
        super(file + " " + problem, cause);
    }
}
