package dev.greeter.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** Checks in the dialect of a database whether it accepts changes. */
enum Dialect {
    POSTGRESQL {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            return Dialect.query(connection, "show transaction_read_only").equals("on");
        }

        // Extends a file, flushes the log and leaves nothing behind.
        @Override
        void change(Connection connection) throws SQLException {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("create temporary table service_write_probe on commit drop as"
                        + " select repeat('x', 1000) from generate_series(1, 256)");
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        }
    },

    H2 {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            return connection.isReadOnly();
        }

        // Checks the free space first, because a failed write closes the database.
        @Override
        void change(Connection connection) throws SQLException {
            String file = Dialect.query(connection, "select coalesce(database_path(), '')");
            try {
                if (!file.isEmpty()
                        && Files.getFileStore(Path.of(file + ".mv.db")).getUsableSpace() < SPACE_FOR_A_CHANGE) {
                    throw new SQLException("No space left for " + file + ".mv.db", DISK_FULL);
                }
            } catch (IOException e) {
                throw new SQLException(e);
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table if not exists service_write_probe as"
                        + " select repeat('x', 1000) as x from system_range(1, 64)");
                statement.execute("drop table service_write_probe");
            }
        }
    },

    OTHER {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            return connection.isReadOnly();
        }

        @Override
        void change(Connection connection) {}
    };

    private static final long SPACE_FOR_A_CHANGE = 512 * 1024;
    private static final String DISK_FULL = "53100";

    static Dialect of(Connection connection) throws SQLException {
        return switch (connection.getMetaData().getDatabaseProductName()) {
            case "PostgreSQL" -> POSTGRESQL;
            case "H2" -> H2;
            default -> OTHER;
        };
    }

    /** Returns whether new sessions of the database accept no changes. */
    abstract boolean isReadOnly(Connection connection) throws SQLException;

    /** Makes a change to check whether the database accepts it. */
    abstract void change(Connection connection) throws SQLException;

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Objects.requireNonNullElse(row.getString(1), "");
        }
    }
}
