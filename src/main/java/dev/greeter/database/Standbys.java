package dev.greeter.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.start.SettingException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Reads at a standby what the primary has acknowledged: the standby first replays what the primary had written when the
 * read began. The primary itself answers what no standby can answer in time.
 */
public final class Standbys implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Standbys.class);

    private static final Duration TO_REPLAY = Duration.ofSeconds(1);
    private static final long MILLIS_BETWEEN_CHECKS = 2;

    private final Database primary;
    private final @Nullable Copy copy;

    private Standbys(Database primary, @Nullable Copy copy) {
        this.primary = primary;
        this.copy = copy;
    }

    /**
     * Returns the standbys of a PostgreSQL.
     *
     * @param setting name of the setting that contains the URL
     * @param url of one standby or several; null if the primary is read
     */
    public static Standbys of(Database primary, String setting, @Nullable String url) {
        return new Standbys(primary, url == null ? null : connect(primary, setting, url));
    }

    private static Copy connect(Database primary, String setting, String url) {
        DatabaseSettings settings = primary.settings();
        HikariDataSource like = Pool.hikari(primary.pool().dataSource());
        if (like == null || !String.valueOf(like.getJdbcUrl()).startsWith(ConnectionOptions.POSTGRESQL)) {
            throw new SettingException(
                    setting + " is set, but the database of spring.datasource.url has no standbys.",
                    "Remove it, or use PostgreSQL.",
                    null);
        }
        HikariDataSource connections = ConnectionOptions.standbys(like, setting, url);
        Pool standbys = new Pool(connections, Executors.newCachedThreadPool(DaemonThreads.named("standby-cancel")));
        DatabaseWatch watch = new DatabaseWatch(
                ConnectionOptions.name(connections) + " of " + setting,
                ConnectionOptions.unpooled(connections, settings.answerTimeout()),
                Dialect.POSTGRESQL_STANDBY,
                () -> {},
                List.of(),
                standbys,
                event -> {},
                settings);
        Database database = new Database(watch, standbys, TransactionOperations.withoutTransaction(), settings);
        watch.afterPropertiesSet();
        return new Copy(database, watch, connections);
    }

    /** Reads data. */
    public <T> T read(Function<JdbcTemplate, T> work) {
        if (copy != null) {
            String written = written();
            try {
                return copy.database.read(() -> {
                    JdbcTemplate template = copy.database.template();
                    template.execute((ConnectionCallback<@Nullable Void>) connection -> {
                        awaitReplay(connection, written);
                        return null;
                    });
                    return work.apply(template);
                });
            } catch (DatabaseFailure.Unavailable | DatabaseFailure.Conflict e) {
                log.debug("The primary is read instead", e);
            }
        }
        return primary.read(() -> work.apply(primary.template()));
    }

    /** Returns a connection that the caller has to close. */
    public HeldConnection hold() {
        if (copy != null) {
            String written = written();
            try {
                return held(HeldConnection.of(copy.database), written);
            } catch (DatabaseFailure.Unavailable | DatabaseFailure.Conflict e) {
                log.debug("The primary is read instead", e);
            }
        }
        return HeldConnection.of(primary);
    }

    private static HeldConnection held(HeldConnection connection, String written) {
        try {
            return connection.run(() -> {
                try {
                    awaitReplay(connection.connection(), written);
                    return connection;
                } catch (SQLException e) {
                    throw new UncategorizedSQLException("replay", null, e);
                }
            });
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Returns the position of the log up to which everything acknowledged is written. */
    private String written() {
        return primary.read(() -> String.valueOf(
                primary.template().queryForObject("select pg_current_wal_flush_lsn()::text", String.class)));
    }

    private static void awaitReplay(Connection connection, String written) throws SQLException {
        long begin = System.nanoTime();
        try (PreparedStatement statement =
                connection.prepareStatement("select pg_is_in_recovery(), pg_last_wal_replay_lsn() >= ?::pg_lsn")) {
            Work.running(statement);
            statement.setString(1, written);
            while (!hasReplayed(statement)) {
                if (System.nanoTime() - begin > TO_REPLAY.toNanos()) {
                    throw new DatabaseFailure.Unavailable("The standby is behind.", null);
                }
                TimeUnit.MILLISECONDS.sleep(MILLIS_BETWEEN_CHECKS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseFailure.CallEnded();
        }
    }

    private static boolean hasReplayed(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            if (!row.getBoolean(1)) {
                throw new DatabaseFailure.Unavailable("The server is no standby any more.", null);
            }
            return row.getBoolean(2);
        }
    }

    @Override
    public void destroy() {
        if (copy != null) {
            copy.watch.destroy();
            copy.connections.close();
        }
    }

    private record Copy(Database database, DatabaseWatch watch, HikariDataSource connections) {}
}
