package dev.greeter.users;

/**
 * A violation of the contract by a field of a request.
 *
 * @param field the path of the field
 * @param reason a constant that a client may switch on
 * @param description a sentence for the developer of the client
 */
record Violation(String field, String reason, String description) {}
