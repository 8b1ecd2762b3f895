package dev.greeter.users;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.migration.Context;

/** Migrates PostgreSQL for {@link PostgresCreationOrder}; in Java, because no other database has this migration. */
final class CreationOrderMigration extends UserMigration {

    /** The advisory locks of the order of creation: a number that no other user of the database is likely to choose. */
    static final int LOCK_CLASS = 1_970_496_882;

    /** Held by each creation in progress. */
    static final int UNDER_WAY = 1;

    /** Held while times are assigned. */
    private static final int TURN = 2;

    /**
     * Times are assigned one after the other, and the lock is held only for this: a subtransaction that is rolled back
     * releases its locks, and changes of a sequence are never rolled back. A session that is idle within a creation is
     * disconnected, because readers may wait for it.
     */
    private static final String SCHEMA = """
            create sequence user_time;

            select setval('user_time', greatest(1, max(
                ('x' || substr(hex, 1, 12) || substr(hex, 14, 3))::bit(60)::bigint)))
            from (select replace(id::text, '-', '') as hex from users) ids;

            create function next_user_time(count int) returns bigint language plpgsql as $$
            declare
                first bigint;
            begin
                perform pg_advisory_xact_lock_shared(%1$d, %2$d);
                perform set_config('idle_in_transaction_session_timeout', '10s', true);
                begin
                    perform pg_advisory_xact_lock(%1$d, %3$d);
                    select greatest(last_value + 1, floor(extract(epoch from clock_timestamp()) * %4$d)::bigint)
                        into first from user_time;
                    perform setval('user_time', first + count - 1);
                    raise sqlstate 'UT000';
                exception when sqlstate 'UT000' then
                    return first;
                end;
            end
            $$;
            """.formatted(LOCK_CLASS, UNDER_WAY, TURN, 1_000 * UserIds.UNITS_PER_MILLI);

    CreationOrderMigration() {
        super("2", "creation order");
    }

    /** Returns whether the database itself assigns the times. */
    static boolean isFor(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }

    @Override
    public void migrate(Context context) throws SQLException {
        if (isFor(context.getConnection())) {
            try (Statement statement = context.getConnection().createStatement()) {
                requireUnicode(statement);
                statement.execute(SCHEMA);
            }
        }
    }

    /** In another encoding, names would be too long or could not be stored, call by call. */
    private static void requireUnicode(Statement statement) throws SQLException {
        try (ResultSet encoding = statement.executeQuery("show server_encoding")) {
            encoding.next();
            if (!encoding.getString(1).equals("UTF8")) {
                throw new SQLException("its encoding is " + encoding.getString(1) + ", but names need UTF8");
            }
        }
    }
}
