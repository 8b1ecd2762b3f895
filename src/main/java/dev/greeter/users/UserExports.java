package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.HeldConnection;
import dev.greeter.database.Standbys;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.start.SettingException;
import io.grpc.stub.ServerCallStreamObserver;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/** Runs exports: each as fast as its caller reads, until the caller stops reading, and only a few at once. */
final class UserExports {

    /** More than {@link ReadingPace} allows a caller with a full window. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** How often a caller that reads slowly asks for more before the next rows are fetched, at most. */
    private static final int PAUSES_PER_FETCH = 20;

    private final Database database;
    private final Standbys standbys;
    private final UserRepository users;
    private final UsersSettings settings;
    private final Semaphore free;
    private final Set<Export> running = ConcurrentHashMap.newKeySet();

    /** @param standbys where the users are read */
    UserExports(Database database, Standbys standbys, UserRepository users, UsersSettings settings) {
        this.database = database;
        this.standbys = standbys;
        this.users = users;
        this.settings = settings;
        this.free = new Semaphore(settings.maxExports());
        if (settings.maxExports() >= database.connections()) {
            throw new SettingException(
                    "greeter.users.max-exports is " + settings.maxExports() + ", but there are only "
                            + database.connections() + " database connections, and each export occupies one.",
                    "Lower it, or raise spring.datasource.hikari.maximum-pool-size.",
                    null);
        }
    }

    /** Exports the users after this id. */
    void start(UUID after, ServerCallStreamObserver<ExportUsersResponse> call) {
        if (!free.tryAcquire()) {
            throw new UserFailure.ExportsExhausted(settings.maxExports());
        }
        Export export = new Export(after, call);
        running.add(export);
        call.setOnReadyHandler(export::resume);
        call.setOnCancelHandler(export::cancelled);
    }

    /** Ends the exports whose caller has stopped reading. */
    void expire() {
        running.forEach(Export::expire);
    }

    private final class Export {

        private final UUID after;
        private final ServerCallStreamObserver<ExportUsersResponse> call;
        private final ReentrantLock lock = new ReentrantLock();
        private final ReadingPace pace = new ReadingPace(settings.exportStallTimeout(), System.nanoTime());
        private @Nullable HeldConnection held;
        private long settled;
        private long latest;
        private @Nullable UserCursor cursor;
        private boolean ended;

        Export(UUID after, ServerCallStreamObserver<ExportUsersResponse> call) {
            this.after = after;
            this.call = call;
        }

        /** Sends users until the transport has enough of them. */
        void resume() {
            lock.lock();
            try {
                if (!ended && call.isReady()) {
                    pace.resumed(System.nanoTime());
                    HeldConnection connection = held == null ? open() : held;
                    if (connection.run(this::sendWhileReady)) {
                        end();
                        call.onCompleted();
                    }
                }
            } catch (RuntimeException e) {
                fail(e);
            } finally {
                lock.unlock();
            }
        }

        void cancelled() {
            lock.lock();
            try {
                end();
            } finally {
                lock.unlock();
            }
        }

        void expire() {
            // The holder of the lock is sending.
            if (lock.tryLock()) {
                try {
                    if (!ended && pace.hasStopped(System.nanoTime())) {
                        fail(new UserFailure.ExportTimedOut(settings.exportStallTimeout()));
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        /** Waits for creations before it takes a connection, which they may need. */
        private HeldConnection open() {
            settled = users.settle();
            HeldConnection connection = standbys.hold();
            held = connection;
            cursor = connection.run(this::cursor);
            latest = users.latestTime();
            return connection;
        }

        private UserCursor cursor() {
            try {
                return UserCursor.open(database, Objects.requireNonNull(held), after, idle());
            } catch (SQLException e) {
                throw translated(e);
            }
        }

        /** Returns more than the time between two reads of the cursor. */
        private Duration idle() {
            Duration slow = settings.exportStallTimeout().multipliedBy(PAUSES_PER_FETCH);
            return slow.compareTo(LONGEST_PAUSE) > 0 ? slow : LONGEST_PAUSE;
        }

        private boolean sendWhileReady() {
            try {
                UserCursor rows = Objects.requireNonNull(cursor);
                database.running(rows.statement());
                while (call.isReady()) {
                    if (!rows.next()) {
                        return true;
                    }
                    StoredUser user = rows.user();
                    if (!isTooNew(user)) {
                        ExportUsersResponse response = ExportUsersResponse.newBuilder()
                                .setUser(UserMessages.of(user))
                                .build();
                        pace.sent(response.getSerializedSize(), System.nanoTime());
                        call.onNext(response);
                    }
                }
                return false;
            } catch (SQLException e) {
                throw translated(e);
            }
        }

        /** An export that continues after this user would miss one whose creation began earlier and ended later. */
        private boolean isTooNew(StoredUser user) {
            long time = UserIds.time(user.id());
            return time > settled && time <= latest;
        }

        private RuntimeException translated(SQLException failure) {
            SQLExceptionTranslator translator = database.template().getExceptionTranslator();
            DataAccessException translated = translator.translate("export", null, failure);
            return translated == null ? new IllegalStateException(failure) : translated;
        }

        private void fail(RuntimeException failure) {
            end();
            call.onError(failure);
        }

        private void end() {
            if (ended) {
                return;
            }
            ended = true;
            running.remove(this);
            free.release();
            if (held != null) {
                held.close();
            }
            held = null;
            cursor = null;
        }
    }
}
