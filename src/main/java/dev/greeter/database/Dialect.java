package dev.greeter.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Checks in the dialect of a database whether it accepts changes. */
enum Dialect {
    POSTGRESQL {
        @Override
        boolean isReadOnly(Connection connection) throws SQLException {
            return Sql.query(connection, "show transaction_read_only").equals("on");
        }

        // The limit ends with the transaction: a proxy may give the session to others.
        @Override
        void probe(Connection connection, List<String> probes, Duration wait) throws SQLException {
            List<String> statements = new ArrayList<>(probes);
            statements.add(0, "set local lock_timeout = " + wait.toMillis());
            Sql.transaction(connection, statements);
        }

        // Each tablespace may be a disk of its own. A temporary table always extends a file and leaves nothing behind.
        @Override
        void change(Connection connection, List<String> tables) throws SQLException {
            String temporary = "select has_database_privilege(current_database(), 'TEMPORARY')::text";
            if (Sql.query(connection, temporary).equals("false")) {
                Sql.query(connection, LARGE_OBJECT);
                return;
            }
            List<String> statements = new ArrayList<>();
            statements.add(temporaryTable("service_write_probe", ""));
            for (String tablespace : tablespaces(connection, tables)) {
                statements.add(temporaryTable("service_write_probe_" + statements.size(), "tablespace " + tablespace));
            }
            Sql.transaction(connection, statements);
        }

        private static String temporaryTable(String name, String tablespace) {
            return "create temporary table " + name + " on commit drop " + tablespace
                    + " as select repeat('x', 1000) from generate_series(1, 256)";
        }

        private static List<String> tablespaces(Connection connection, List<String> tables) throws SQLException {
            List<String> names = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(TABLESPACES)) {
                statement.setArray(1, connection.createArrayOf("text", tables.toArray()));
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        names.add(rows.getString(1));
                    }
                }
            }
            return names;
        }

        // A statement that is cancelled while its commit waits for a synchronous standby has been committed, only here.
        @Override
        void write(Connection connection) throws SQLException {
            Sql.query(connection, "select pg_logical_emit_message(true, 'service', '')");
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
            if (Sql.query(connection, "select pg_is_in_recovery()").equals("f")) {
                throw new SQLException("it is no standby");
            }
            return false;
        }

        @Override
        void change(Connection connection, List<String> tables) {}

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

        // No other process uses it, and a probe could find it closed before the call that found the disk full says so.
        @Override
        void probe(Connection connection, List<String> probes, Duration wait) {}

        @Override
        void change(Connection connection, List<String> tables) throws SQLException {
            Sql.execute(
                    connection,
                    "create table if not exists service_write_probe as"
                            + " select repeat('x', 1000) as x from system_range(1, 64)");
            Sql.execute(connection, "drop table service_write_probe");
        }

        @Override
        void write(Connection connection) throws SQLException {
            Sql.execute(connection, "checkpoint");
        }

        @Override
        void requireSameFile(Connection connection) throws SQLException {
            H2File.requireSame(connection);
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
        void change(Connection connection, List<String> tables) {}
    };

    /** Of random bytes, because it is compressed. */
    private static final String LARGE_OBJECT =
            "select lo_unlink(lo_from_bytea(0, string_agg(sha512(n::text::bytea), '')))::text"
                    + " from generate_series(1, 4000) n";

    /** Those of the tables and their indexes; the others are in the tablespace of the database. */
    private static final String TABLESPACES = """
            select distinct quote_ident(spcname)
            from pg_tablespace
            join pg_class stored on stored.reltablespace = pg_tablespace.oid
            left join pg_index on indexrelid = stored.oid
            join pg_class tables on tables.oid = coalesce(indrelid, stored.oid)
            where tables.relname = any(?) and tables.relnamespace = to_regnamespace(current_schema())
                and has_tablespace_privilege(pg_tablespace.oid, 'CREATE')
            """;

    static Dialect of(Connection connection) throws SQLException {
        return switch (connection.getMetaData().getDatabaseProductName()) {
            case "PostgreSQL" -> POSTGRESQL;
            case "H2" -> H2;
            default -> OTHER;
        };
    }

    /** Returns whether new sessions of the database accept no changes. */
    abstract boolean isReadOnly(Connection connection) throws SQLException;

    /** Makes a change to check whether the database accepts it, on each disk where it keeps one of the tables. */
    abstract void change(Connection connection, List<String> tables) throws SQLException;

    /** Executes the statements, each of which waits no longer than this for a lock. */
    void probe(Connection connection, List<String> probes, Duration wait) throws SQLException {
        for (String probe : probes) {
            Sql.execute(connection, probe);
        }
    }

    /** Makes the database end the transaction if the connection is not used for this time. */
    void limitIdle(Connection connection, Duration idle) throws SQLException {}

    /** Waits until all changes that the connection has seen are durable, with PostgreSQL also on synchronous standbys. */
    void write(Connection connection) throws SQLException {}

    /** Closes a database of this process, and throws, if its file is not the one that was opened. */
    void requireSameFile(Connection connection) throws SQLException {}

    /** Closes a database that this process has opened as read-only and can open for changes now, and returns whether it did. */
    boolean reopens(Connection connection) throws SQLException {
        return false;
    }

    /** Does what is to be done before the last connection is closed. */
    void leave(Connection connection) throws SQLException {}
}
