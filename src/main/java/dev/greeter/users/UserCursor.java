package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.HeldConnection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;

/** Reads users through a cursor of the database, which holds a connection and a snapshot until it is closed. */
final class UserCursor implements AutoCloseable {

    static final int FETCH_SIZE = 500;

    private final HeldConnection held;
    private final Statement statement;
    private final ResultSet rows;

    private UserCursor(HeldConnection held, Statement statement, ResultSet rows) {
        this.held = held;
        this.statement = statement;
        this.rows = rows;
    }

    /**
     * Opens the cursor over the users after an id, and takes over the connection.
     *
     * @param idle time without a read after which the database may close it
     */
    static UserCursor open(Database database, HeldConnection held, UUID after, Duration idle) throws SQLException {
        // PostgreSQL has cursors only in transactions; otherwise it would send all rows at once.
        held.beginReading(idle);
        PreparedStatement statement = held.connection()
                .prepareStatement(
                        "select " + UserRepository.COLUMNS + " from users where id > ? order by id",
                        ResultSet.TYPE_FORWARD_ONLY,
                        ResultSet.CONCUR_READ_ONLY);
        statement.setObject(1, after);
        statement.setFetchSize(FETCH_SIZE);
        database.running(statement);
        return new UserCursor(held, statement, statement.executeQuery());
    }

    Statement statement() {
        return statement;
    }

    boolean next() throws SQLException {
        return rows.next();
    }

    StoredUser user() throws SQLException {
        return UserRepository.user(rows);
    }

    /** Returns the connection to the pool, which ends its transaction and restores its state. */
    @Override
    public void close() {
        held.close();
    }
}
