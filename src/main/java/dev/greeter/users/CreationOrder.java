package dev.greeter.users;

import dev.greeter.database.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongFunction;
import org.springframework.jdbc.core.ConnectionCallback;

/**
 * Gives creations their times, each later than all before, and tells a reader up to which time no user can be created any
 * more. Times are those of {@link UserIds}.
 */
interface CreationOrder {

    /** How long a reader waits for a creation. */
    Duration PATIENCE = Duration.ofSeconds(2);

    /**
     * Inserts new users in a transaction.
     *
     * @param count how many times the users need, each by one later than the one before
     * @param insert inserts them, given the first of their times
     */
    <T> T create(int count, LongFunction<T> insert);

    /** Waits for the creations that are under way, and returns a time before which, from now on, none is made. */
    long settle();

    /** Returns the latest time given to a creation. */
    long latest();

    /** Returns the order of this database, which has to be there. */
    static CreationOrder of(Database database, Clock clock) {
        Boolean given = database.read(
                () -> database.template().execute((ConnectionCallback<Boolean>) CreationOrder::isGivenBy));
        return Objects.requireNonNull(given)
                ? new PostgresCreationOrder(database)
                : new ProcessCreationOrder(database, clock);
    }

    /** Returns whether the database itself gives the times. */
    static boolean isGivenBy(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }
}
