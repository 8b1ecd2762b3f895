package dev.greeter.users;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** Reads all users through a cursor of the database, which holds a connection and one moment's state until closed. */
final class UserCursor implements AutoCloseable {

    static final int FETCH_SIZE = 500;

    private final Connection connection;
    private final Statement statement;
    private final ResultSet rows;

    private UserCursor(Connection connection, Statement statement, ResultSet rows) {
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
    }

    static UserCursor open(CallStatements statements) throws SQLException {
        Connection connection =
                Objects.requireNonNull(statements.getDataSource()).getConnection();
        try {
            // PostgreSQL has cursors in transactions only; elsewhere it would send all rows at once.
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            Statement statement = connection.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
            statement.setFetchSize(FETCH_SIZE);
            statements.running(statement);
            return new UserCursor(
                    connection,
                    statement,
                    statement.executeQuery("select " + UserRepository.COLUMNS + " from users order by id"));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
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

    /** Gives the connection back; the pool ends its transaction and restores its state. */
    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
