package dev.greeter.database;

/** The known state of the database. */
enum State {
    AWAY,
    READ_ONLY,
    USABLE
}
