package dev.greeter.users;

import java.time.Duration;
import java.util.function.LongFunction;

/**
 * Assigns each creation a time that is later than all before, and tells readers up to which time no user can be created
 * any more. Times are those of {@link UserIds}.
 */
interface CreationOrder {

    /** How long a reader waits for a creation. */
    Duration PATIENCE = Duration.ofSeconds(2);

    /**
     * Inserts new users in a transaction.
     *
     * @param count number of times for the users, each one unit later than the one before
     * @param insert inserts them, from the first of their times on
     */
    <T> T create(int count, LongFunction<T> insert);

    /** Waits for the creations in progress, and returns a time before which no user is created from now on. */
    long settle();

    /** Returns the latest time of a creation. */
    long latest();
}
