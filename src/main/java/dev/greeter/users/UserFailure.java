package dev.greeter.users;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** An expected failure of a call of the User service, without a stack trace. */
abstract sealed class UserFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Map<String, String> metadata;

    /** @param metadata the variable parts of the message */
    private UserFailure(String message, Map<String, String> metadata) {
        super(message, null, false, false);
        this.metadata = metadata;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** The request violates the contract in at least one field. */
    static final class RequestInvalid extends UserFailure {

        private static final long serialVersionUID = 1L;

        private final transient List<Violation> violations;

        RequestInvalid(List<Violation> violations) {
            super(
                    "The request is invalid: "
                            + String.join(
                                    "; ",
                                    violations.stream()
                                            .map(v -> v.field() + " " + v.description())
                                            .toList()),
                    Map.of());
            this.violations = List.copyOf(violations);
        }

        List<Violation> violations() {
            return violations;
        }
    }

    /** The request id was used by a request with another user. */
    static final class RequestIdReused extends UserFailure {

        private static final long serialVersionUID = 1L;

        RequestIdReused(UUID requestId) {
            super(
                    "The request_id " + requestId + " was used for another user.",
                    Map.of("requestId", requestId.toString()));
        }
    }

    /** No user has this id. */
    static final class NotFound extends UserFailure {

        private static final long serialVersionUID = 1L;

        private final UUID id;

        NotFound(UUID id) {
            super("The user " + id + " does not exist.", Map.of("id", id.toString()));
            this.id = id;
        }

        UUID id() {
            return id;
        }
    }

    /** Another user has the e-mail address. */
    static final class EmailTaken extends UserFailure {

        private static final long serialVersionUID = 1L;

        private final transient EmailAddress email;

        EmailTaken(EmailAddress email) {
            super("Another user has the e-mail address " + email.value() + ".", Map.of("email", email.value()));
            this.email = email;
        }

        EmailAddress email() {
            return email;
        }
    }

    /** The user has changed since the caller read it. */
    static final class EtagStale extends UserFailure {

        private static final long serialVersionUID = 1L;

        EtagStale(UUID id) {
            super("The user " + id + " has changed since; read it again.", Map.of("id", id.toString()));
        }
    }

    /** The maximum number of exports is running. */
    static final class ExportsExhausted extends UserFailure {

        private static final long serialVersionUID = 1L;

        ExportsExhausted(int limit) {
            super("No more than " + limit + " exports run at once.", Map.of("limit", Integer.toString(limit)));
        }
    }

    /** The caller of an export has stopped reading. */
    static final class ExportTimedOut extends UserFailure {

        private static final long serialVersionUID = 1L;

        ExportTimedOut(Duration stall) {
            super(
                    "The export was not read for " + stall.toSeconds() + " s.",
                    Map.of("seconds", Long.toString(stall.toSeconds())));
        }
    }
}
