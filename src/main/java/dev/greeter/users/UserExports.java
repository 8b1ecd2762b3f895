package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.HeldConnection;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.scheduling.annotation.Scheduled;

/** Runs exports: each only as fast as its caller reads, as long as he reads, and only a few at once. */
final class UserExports {

    private final Database database;
    private final UsersSettings settings;
    private final Semaphore free;
    private final Set<Export> running = ConcurrentHashMap.newKeySet();

    UserExports(Database database, UsersSettings settings) {
        this.database = database;
        this.settings = settings;
        this.free = new Semaphore(settings.maxExports());
    }

    void start(ServerCallStreamObserver<ExportUsersResponse> call) {
        if (!free.tryAcquire()) {
            throw new UserFailure.ExportsExhausted(settings.maxExports());
        }
        Export export = new Export(call);
        running.add(export);
        call.setOnReadyHandler(export::resume);
        call.setOnCancelHandler(export::cancelled);
    }

    /** Ends the exports whose caller has stopped reading. */
    @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.SECONDS)
    void expire() {
        running.forEach(Export::expire);
    }

    private final class Export {

        private final ServerCallStreamObserver<ExportUsersResponse> call;
        private final ReentrantLock lock = new ReentrantLock();
        private volatile long moved = System.nanoTime();
        private @Nullable HeldConnection held;
        private @Nullable UserCursor cursor;
        private boolean ended;

        Export(ServerCallStreamObserver<ExportUsersResponse> call) {
            this.call = call;
        }

        /** Sends users until the transport has enough of them. */
        void resume() {
            lock.lock();
            try {
                if (!ended && call.isReady()) {
                    if (held().run(this::sendWhileReady)) {
                        end();
                        call.onCompleted();
                    } else {
                        moved = System.nanoTime();
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
            // Whoever holds the lock is sending.
            if (lock.tryLock()) {
                try {
                    if (!ended
                            && System.nanoTime() - moved
                                    > settings.exportStallTimeout().toNanos()) {
                        fail(new UserFailure.ExportTimedOut(settings.exportStallTimeout()));
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        private HeldConnection held() {
            HeldConnection connection = held;
            if (connection == null) {
                connection = database.hold();
                held = connection;
            }
            return connection;
        }

        private boolean sendWhileReady() {
            try {
                UserCursor users = cursor;
                if (users == null) {
                    users = UserCursor.open(database, held());
                    cursor = users;
                }
                database.running(users.statement());
                while (call.isReady()) {
                    if (!users.next()) {
                        return true;
                    }
                    call.onNext(ExportUsersResponse.newBuilder()
                            .setUser(UserMessages.of(users.user()))
                            .build());
                }
                return false;
            } catch (SQLException e) {
                throw translated(e);
            }
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
