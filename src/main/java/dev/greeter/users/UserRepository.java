package dev.greeter.users;

import com.google.common.util.concurrent.Striped;
import dev.greeter.database.Database;
import dev.greeter.database.DatabaseFailure;
import dev.greeter.database.Standbys;
import dev.greeter.person.PersonName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Stores users in a relational database; every change is durable when its method returns. */
final class UserRepository {

    static final String COLUMNS = "id, name, email, language, create_time, update_time, version";

    private static final Logger log = LoggerFactory.getLogger(UserRepository.class);
    private static final int ATTEMPTS = 4;
    private static final int LOCKS = 1_024;
    private static final int SECONDS_TO_CHANGE = 1;
    private static final String INSERT =
            "insert into users (" + COLUMNS + ", email_key) values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing";
    private static final String CHANGE = """
            update users
            set name = coalesce(?, name), email = coalesce(?, email), email_key = coalesce(?, email_key),
                language = coalesce(?, language), update_time = greatest(?, update_time), version = version + 1
            where id = ? and version = coalesce(?, version)
                and (name <> coalesce(?, name) or email <> coalesce(?, email) or language <> coalesce(?, language))
            """;

    private final Database database;
    private final Standbys standbys;
    private final JdbcClient jdbc;
    private final Clock clock;
    private final CreationOrders orders;
    private volatile long settled;
    private final Striped<Lock> changing = Striped.lock(LOCKS);

    /** @param standbys where pages are read */
    UserRepository(Database database, Standbys standbys, Clock clock) {
        this.database = database;
        this.standbys = standbys;
        this.jdbc = JdbcClient.create(database.template());
        this.clock = clock;
        this.orders = new CreationOrders(database, clock);
    }

    /** Stores a new user, or returns the one that the first request with this id stored. */
    StoredUser create(UserProfile profile, @Nullable UUID requestId) {
        return retried(() -> stored(profile, requestId)).orElseGet(() -> repeated(profile, requestId));
    }

    StoredUser find(UUID id) {
        return database.read(() -> jdbc.sql("select " + COLUMNS + " from users where id = ?")
                        .param(id)
                        .query((row, number) -> user(row))
                        .optional())
                .orElseThrow(() -> new UserFailure.NotFound(id));
    }

    /**
     * Returns up to {@code limit} users in the order of their ids, from the first one after {@code id}. If more exist,
     * no user will be created among the returned ones.
     */
    Page listAfter(UUID id, int limit) {
        long known = settled;
        // One more shows whether there is a next page.
        List<StoredUser> users = readAfter(id, limit + 1);
        for (int attempt = 0; attempt < ATTEMPTS && users.size() > limit; attempt++) {
            if (UserIds.time(users.get(limit - 1).id()) <= known) {
                break;
            }
            known = settle();
            users = readAfter(id, limit + 1);
        }
        // An id that is still later does not come from this service.
        return users.size() > limit ? new Page(users.subList(0, limit), true) : new Page(users, false);
    }

    /** Waits for the creations in progress, and returns a time before which no user is created from now on. */
    long settle() {
        long time = orders.get().settle();
        settled = time;
        return time;
    }

    /** Returns the latest time of a creation. */
    long latestTime() {
        return orders.get().latest();
    }

    /** Changes a user that has this etag, or any if it is empty. A change to the current values changes nothing. */
    StoredUser update(UUID id, String etag, ProfileChange change) {
        return retried(() -> {
            return alone(id, () -> change(id, etag, change)).orElseGet(() -> unchanged(id, etag, change));
        });
    }

    /** Returns the user with the values of a change that another call has made. */
    private StoredUser unchanged(UUID id, String etag, ProfileChange change) {
        StoredUser user = current(id, etag);
        if (!change.applyTo(user.profile()).equals(user.profile())) {
            throw new DatabaseFailure.Conflict(null);
        }
        database.write(() -> {
            database.awaitDurability();
            return user;
        });
        return user;
    }

    void delete(UUID id, String etag) {
        retried(() -> {
            int deleted = alone(
                    id,
                    () -> jdbc.sql("delete from users where id = ? and version = coalesce(?, version)")
                            .param(1, id)
                            .param(2, StoredUser.version(etag), Types.BIGINT)
                            .update());
            if (deleted == 0) {
                current(id, etag);
                throw new DatabaseFailure.Conflict(null);
            }
            return deleted;
        });
    }

    /** Stores new users and returns for each whether its e-mail address was free. */
    boolean[] createAll(List<UserProfile> profiles) {
        // All imports insert the addresses in the same order, which prevents deadlocks.
        List<Integer> order = IntStream.range(0, profiles.size())
                .boxed()
                .sorted(Comparator.comparing(i -> profiles.get(i).email().key()))
                .toList();
        int[] counts = retried(() -> orders.get().create(profiles.size(), first -> {
            List<StoredUser> users = order.stream()
                    .map(i -> StoredUser.create(first + i, profiles.get(i)))
                    .toList();
            int[] inserted = database.template()
                    .batchUpdate(INSERT, users, users.size(), (row, user) -> setValues(row, values(user)))[0];
            if (IntStream.of(inserted).anyMatch(count -> count == Statement.SUCCESS_NO_INFO)) {
                inserted = counts(users);
            }
            if (IntStream.of(inserted).allMatch(count -> count == 0)) {
                database.awaitDurability();
            }
            return inserted;
        }));
        boolean[] created = new boolean[profiles.size()];
        for (int i = 0; i < created.length; i++) {
            created[order.get(i)] = counts[i] != 0;
        }
        return created;
    }

    /** Returns 1 for each user that is stored: pgjdbc does not count the rows of an INSERT that it has rewritten. */
    private int[] counts(List<StoredUser> users) {
        Set<@Nullable UUID> stored = jdbc.sql("select id from users where id in (:ids)")
                .param("ids", users.stream().map(StoredUser::id).toList())
                .query(UUID.class)
                .set();
        return users.stream()
                .mapToInt(user -> stored.contains(user.id()) ? 1 : 0)
                .toArray();
    }

    /** Deletes the requests before this time, which could be repeated safely until now. */
    int forgetRequestsBefore(Instant time) {
        return database.write(() -> jdbc.sql("delete from create_requests where create_time < ?")
                .param(stored(time))
                .update());
    }

    /** Returns the key that the page tokens of this database are signed with. */
    byte[] pageTokenKey() {
        return database.read(this::findPageTokenKey)
                .orElseGet(() -> database.write(() -> {
                    // Somebody has deleted it, and another instance may be first.
                    jdbc.sql(PageTokenKeyMigration.INSERT)
                            .param(PageTokens.newKey())
                            .update();
                    return findPageTokenKey().orElseThrow();
                }));
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

    /** Returns the user if it has this etag. */
    private StoredUser current(UUID id, String etag) {
        StoredUser user = find(id);
        if (!user.matches(etag)) {
            throw new UserFailure.EtagStale(id);
        }
        return user;
    }

    /** Repeats a change a few times if it conflicts with another call. */
    private static <T> T retried(Supplier<T> change) {
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            try {
                return change.get();
            } catch (DatabaseFailure.Conflict e) {
                log.debug("Attempt {} of {} failed", attempt, ATTEMPTS, e);
            }
        }
        return change.get();
    }

    /**
     * Changes a user while no other call of this process does. A rollback of H2 releases the row and may then restore
     * it again, over what another call has committed in between.
     */
    private <T> T alone(UUID id, Supplier<T> change) {
        Lock lock = changing.get(id);
        try {
            if (!lock.tryLock(SECONDS_TO_CHANGE, TimeUnit.SECONDS)) {
                throw new DatabaseFailure.Conflict(null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseFailure.CallEnded();
        }
        try {
            return database.write(change);
        } finally {
            lock.unlock();
        }
    }

    private Optional<StoredUser> change(UUID id, String etag, ProfileChange change) {
        PersonName name = change.name();
        EmailAddress email = change.email();
        LanguageTag language = change.language();
        @Nullable
        Object[] values = {
            name == null ? null : name.value(),
            email == null ? null : email.value(),
            email == null ? null : email.key(),
            language == null ? null : language.value(),
            stored(now()),
            id,
            StoredUser.version(etag),
            name == null ? null : name.value(),
            email == null ? null : email.value(),
            language == null ? null : language.value()
        };
        try {
            return database.template()
                    .execute(
                            (Connection connection) -> connection.prepareStatement(CHANGE, COLUMNS.split(", ")),
                            (PreparedStatement statement) -> {
                                setValues(statement, values);
                                statement.executeUpdate();
                                try (ResultSet rows = statement.getGeneratedKeys()) {
                                    return rows.next() ? Optional.of(user(rows)) : Optional.empty();
                                }
                            });
        } catch (DuplicateKeyException e) {
            throw new UserFailure.EmailTaken(Objects.requireNonNull(email));
        }
    }

    /** Stores a user, together with its request if that has an id. */
    private Optional<StoredUser> stored(UserProfile profile, @Nullable UUID requestId) {
        try {
            return orders.get().create(1, time -> {
                StoredUser user = StoredUser.create(time, profile);
                if (jdbc.sql(INSERT).params(values(user)).update() == 0) {
                    database.awaitDurability();
                    return Optional.empty();
                }
                if (requestId != null) {
                    remember(requestId, user);
                }
                return Optional.of(user);
            });
        } catch (DuplicateKeyException e) {
            return Optional.empty();
        }
    }

    private List<StoredUser> readAfter(UUID id, int limit) {
        return standbys.read(template -> JdbcClient.create(template)
                .sql("select " + COLUMNS + " from users where id > ? order by id limit ?")
                .params(id, limit)
                .query((row, number) -> user(row))
                .list());
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
        StoredUser first = database.read(() -> {
                    Optional<StoredUser> user = jdbc.sql("select user_id, name, email, language, create_time,"
                                    + " create_time, 1 from create_requests where request_id = ?")
                            .param(requestId)
                            .query((row, number) -> user(row))
                            .optional();
                    database.awaitDurability();
                    return user;
                })
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

    private Instant now() {
        // The resolution that both databases can store.
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

    private static void setValues(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    private static OffsetDateTime stored(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    /** Users in the order of their ids, and whether there are more. */
    record Page(List<StoredUser> users, boolean more) {}
}
