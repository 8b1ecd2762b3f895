package dev.greeter.database;

import org.jspecify.annotations.Nullable;

/** An expected failure of the database work of a call, without a stack trace. */
public abstract sealed class DatabaseFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private DatabaseFailure(String message, @Nullable Throwable cause) {
        super(message, cause, false, false);
    }

    /** The database cannot be used at the moment: the same call may succeed later. */
    public static final class Unavailable extends DatabaseFailure {

        private static final long serialVersionUID = 1L;

        Unavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The call conflicts with other calls on the same rows. */
    public static final class Conflict extends DatabaseFailure {

        private static final long serialVersionUID = 1L;

        public Conflict(@Nullable Throwable cause) {
            super("Other calls are changing the same data.", cause);
        }
    }

    /** The caller has gone, or its deadline has passed. */
    public static final class CallEnded extends DatabaseFailure {

        private static final long serialVersionUID = 1L;

        public CallEnded() {
            super("The call has ended.", null);
        }
    }
}
