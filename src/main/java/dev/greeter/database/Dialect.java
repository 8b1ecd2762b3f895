package dev.greeter.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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

        // A statement that is cancelled while its commit waits for a synchronous standby has been committed, only here.
        @Override
        void write(Connection connection) throws SQLException {
            Dialect.query(connection, "select pg_logical_emit_message(true, 'service', '')");
        }

        // The first limit holds behind a proxy, too; the others notice a lost machine or network sooner.
        @Override
        void limitIdle(Connection connection, Duration idle) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement("""
                    select set_config('idle_in_transaction_session_timeout', ?, true),
                        set_config('tcp_keepalives_idle', '30', true),
                        set_config('tcp_keepalives_interval', '10', true),
                        set_config('tcp_keepalives_count', '3', true)
                    """)) {
                Work.running(statement);
                statement.setString(1, Math.min(idle.toMillis(), Integer.MAX_VALUE) + "ms");
                statement.execute();
            }
        }
    },

    /** Usable is what replays the changes of a primary. */
    POSTGRESQL_STANDBY {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            if (Dialect.query(connection, "select pg_is_in_recovery()").equals("f")) {
                throw new SQLException("it is no standby");
            }
            return false;
        }

        @Override
        void change(Connection connection) {}

        @Override
        void limitIdle(Connection connection, Duration idle) throws SQLException {
            POSTGRESQL.limitIdle(connection, idle);
        }
    },

    H2 {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            return connection.isReadOnly();
        }

        @Override
        void change(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("create table if not exists service_write_probe as"
                        + " select repeat('x', 1000) as x from system_range(1, 64)");
                statement.execute("drop table service_write_probe");
            }
        }

        @Override
        void write(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("checkpoint");
            }
        }

        @Override
        boolean reopens(Connection connection) throws SQLException {
            return H2File.reopens(connection);
        }

        @Override
        void leave(Connection connection) throws SQLException {
            H2File.compact(connection);
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

    /** Makes the database end the transaction if the connection is not used for this time. */
    void limitIdle(Connection connection, Duration idle) throws SQLException {}

    /** Waits until all changes that the connection has seen are durable, with PostgreSQL also on synchronous standbys. */
    void write(Connection connection) throws SQLException {}

    /** Closes a database that this process has opened as read-only and can open for changes now, and returns whether it did. */
    boolean reopens(Connection connection) throws SQLException {
        return false;
    }

    /** Does what is to be done before the last connection is closed. */
    void leave(Connection connection) throws SQLException {}

    static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return Objects.requireNonNullElse(row.getString(1), "");
        }
    }
}
