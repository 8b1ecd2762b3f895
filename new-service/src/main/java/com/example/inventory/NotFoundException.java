package com.example.inventory;

/** What a request names does not exist. */
final class NotFoundException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason a constant that callers may switch on: UPPER_SNAKE_CASE, never renamed */
    NotFoundException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
