package dev.greeter.users;

import dev.greeter.person.PersonName;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Stores users in a relational database; every change is durable when its method returns. */
final class UserRepository {

    static final String COLUMNS = "id, name, email, language, create_time, update_time, version";

    private static final String INSERT =
            "insert into users (" + COLUMNS + ", email_key) values (?, ?, ?, ?, ?, ?, ?, ?)";

    private final Database database;
    private final CallStatements statements;
    private final JdbcClient jdbc;
    private final Clock clock;
    private final UserIds ids;

    UserRepository(Database database, CallStatements statements, Clock clock) {
        this.database = database;
        this.statements = statements;
        this.jdbc = JdbcClient.create(statements);
        this.clock = clock;
        this.ids = new UserIds(clock);
    }

    /** Returns a new user with this profile, which is not stored yet. */
    StoredUser prepare(UserProfile profile) {
        return StoredUser.create(ids.next(), profile, now());
    }

    /** Stores a new user, or returns the one that the first request with this id stored. */
    StoredUser create(UserProfile profile, @Nullable UUID requestId) {
        StoredUser user = prepare(profile);
        try {
            return database.transaction(() -> {
                jdbc.sql(INSERT).params(values(user)).update();
                if (requestId != null) {
                    remember(requestId, user);
                }
                return user;
            });
        } catch (DuplicateKeyException e) {
            return repeated(profile, requestId);
        }
    }

    StoredUser find(UUID id) {
        return database.run(() -> jdbc.sql("select " + COLUMNS + " from users where id = ?")
                        .param(id)
                        .query((row, number) -> user(row))
                        .optional())
                .orElseThrow(() -> new UserFailure.NotFound(id));
    }

    /** Returns up to {@code limit} users in the order of their ids, from the first one after {@code id}. */
    List<StoredUser> listAfter(UUID id, int limit) {
        return database.run(() -> jdbc.sql("select " + COLUMNS + " from users where id > ? order by id limit ?")
                .params(id, limit)
                .query((row, number) -> user(row))
                .list());
    }

    StoredUser update(UUID id, String etag, ProfileChange change) {
        return database.transaction(() -> {
            StoredUser changed = locked(id, etag).change(change, now());
            UserProfile profile = changed.profile();
            try {
                jdbc.sql("update users set name = ?, email = ?, email_key = ?, language = ?, update_time = ?,"
                                + " version = ? where id = ?")
                        .params(
                                profile.name().value(),
                                profile.email().value(),
                                profile.email().key(),
                                profile.language().value(),
                                stored(changed.updateTime()),
                                changed.version(),
                                id)
                        .update();
            } catch (DuplicateKeyException e) {
                throw new UserFailure.EmailTaken(profile.email());
            }
            return changed;
        });
    }

    void delete(UUID id, String etag) {
        database.transaction(() -> {
            locked(id, etag);
            return jdbc.sql("delete from users where id = ?").param(id).update();
        });
    }

    /** Stores new users and returns for each whether its e-mail address was free. */
    boolean[] createAll(List<StoredUser> users) {
        int[][] counts = database.transaction(() -> statements.batchUpdate(
                INSERT + " on conflict do nothing", users, users.size(), UserRepository::setValues));
        boolean[] created = new boolean[users.size()];
        for (int i = 0; i < created.length; i++) {
            created[i] = counts[0][i] != 0;
        }
        return created;
    }

    /** Forgets the requests before this time, each of which could be repeated safely until now. */
    int forgetRequestsBefore(Instant time) {
        return database.run(() -> jdbc.sql("delete from create_requests where create_time < ?")
                .param(stored(time))
                .update());
    }

    /** Returns the key that the page tokens of this database are signed with. */
    byte[] pageTokenKey() {
        try {
            return database.transaction(() -> findPageTokenKey().orElseGet(this::newPageTokenKey));
        } catch (DuplicateKeyException e) {
            return database.run(() -> findPageTokenKey().orElseThrow());
        }
    }

    static StoredUser user(ResultSet row) throws SQLException {
        return new StoredUser(
                row.getObject(1, UUID.class),
                new UserProfile(
                        new PersonName(row.getString(2)),
                        new EmailAddress(row.getString(3)),
                        new LanguageTag(row.getString(4))),
                row.getObject(5, OffsetDateTime.class).toInstant(),
                row.getObject(6, OffsetDateTime.class).toInstant(),
                row.getLong(7));
    }

    /** Locks the user until the transaction ends, so that no other call changes it in between. */
    private StoredUser locked(UUID id, String etag) {
        StoredUser user = jdbc.sql("select " + COLUMNS + " from users where id = ? for update")
                .param(id)
                .query((row, number) -> user(row))
                .optional()
                .orElseThrow(() -> new UserFailure.NotFound(id));
        if (!user.matches(etag)) {
            throw new UserFailure.EtagStale(id);
        }
        return user;
    }

    private void remember(UUID requestId, StoredUser user) {
        jdbc.sql("insert into create_requests (request_id, user_id, name, email, language, create_time)"
                        + " values (?, ?, ?, ?, ?, ?)")
                .params(
                        requestId,
                        user.id(),
                        user.profile().name().value(),
                        user.profile().email().value(),
                        user.profile().language().value(),
                        stored(user.createTime()))
                .update();
    }

    private StoredUser repeated(UserProfile profile, @Nullable UUID requestId) {
        if (requestId == null) {
            throw new UserFailure.EmailTaken(profile.email());
        }
        StoredUser first = database.run(
                        () -> jdbc.sql("select user_id, name, email, language, create_time, create_time,"
                                        + " 1 from create_requests where request_id = ?")
                                .param(requestId)
                                .query((row, number) -> user(row))
                                .optional())
                .orElseThrow(() -> new UserFailure.EmailTaken(profile.email()));
        if (!first.profile().equals(profile)) {
            throw new UserFailure.RequestIdReused(requestId);
        }
        return first;
    }

    private Optional<byte[]> findPageTokenKey() {
        return jdbc.sql("select secret from page_token_key where id = 1")
                .query((row, number) -> row.getBytes(1))
                .optional();
    }

    private byte[] newPageTokenKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        jdbc.sql("insert into page_token_key (id, secret) values (1, ?)")
                .param(key)
                .update();
        return key;
    }

    private Instant now() {
        // What both databases can store.
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static Object[] values(StoredUser user) {
        return new Object[] {
            user.id(),
            user.profile().name().value(),
            user.profile().email().value(),
            user.profile().language().value(),
            stored(user.createTime()),
            stored(user.updateTime()),
            user.version(),
            user.profile().email().key()
        };
    }

    private static void setValues(PreparedStatement row, StoredUser user) throws SQLException {
        Object[] values = values(user);
        for (int i = 0; i < values.length; i++) {
            row.setObject(i + 1, values[i]);
        }
    }

    private static OffsetDateTime stored(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
