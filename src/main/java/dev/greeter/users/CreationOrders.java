package dev.greeter.users;

import dev.greeter.database.Database;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;

/** Chooses the order of creation that fits the database, once it is available. */
final class CreationOrders {

    private final Database database;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable CreationOrder chosen;

    CreationOrders(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    CreationOrder get() {
        CreationOrder known = chosen;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            CreationOrder order = chosen != null ? chosen : choose();
            chosen = order;
            return order;
        } finally {
            lock.unlock();
        }
    }

    private CreationOrder choose() {
        Boolean assignsTimes = database.read(
                () -> database.template().execute((ConnectionCallback<Boolean>) CreationOrderMigration::isFor));
        return Objects.requireNonNull(assignsTimes)
                ? new PostgresCreationOrder(database)
                : new ProcessCreationOrder(database, clock);
    }
}
