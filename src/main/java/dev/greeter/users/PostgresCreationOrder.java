package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.DatabaseFailure;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The order of creation in a PostgreSQL that many processes use: the database assigns the times, and its locks show
 * which creations are in progress.
 */
final class PostgresCreationOrder implements CreationOrder {

    private static final long MILLIS_BETWEEN_CHECKS = 2;
    private static final String UNDER_WAY =
            """
            select virtualtransaction from pg_locks
            where locktype = 'advisory' and classid = %d and objid = %d and objsubid = 2
                and database = (select oid from pg_database where datname = current_database())
            """.formatted(CreationOrderMigration.LOCK_CLASS, CreationOrderMigration.UNDER_WAY);

    private final Database database;
    private final JdbcClient jdbc;

    PostgresCreationOrder(Database database) {
        this.database = database;
        this.jdbc = JdbcClient.create(database.template());
    }

    @Override
    public <T> T create(int count, LongFunction<T> insert) {
        return database.transaction(() -> insert.apply(jdbc.sql("select next_user_time(?)")
                .param(count)
                .query(Long.class)
                .single()));
    }

    /** Creations that begin later get a later time; those that have ended can be read. */
    @Override
    public long settle() {
        long time = latest();
        Set<String> waitedFor = new HashSet<>(underWay());
        long start = System.nanoTime();
        while (!waitedFor.isEmpty()) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new DatabaseFailure.Conflict(null);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_CHECKS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DatabaseFailure.CallEnded();
            }
            waitedFor.retainAll(underWay());
        }
        return time;
    }

    @Override
    public long latest() {
        return database.read(() ->
                jdbc.sql("select last_value from user_time").query(Long.class).single());
    }

    private Set<String> underWay() {
        return database.read(() -> jdbc.sql(UNDER_WAY).query(String.class).set());
    }
}
