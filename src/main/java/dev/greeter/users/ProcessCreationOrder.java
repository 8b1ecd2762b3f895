package dev.greeter.users;

import dev.greeter.database.Database;
import dev.greeter.database.DatabaseFailure;
import java.time.Clock;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The order of creation in a database that belongs to this process, such as H2. */
final class ProcessCreationOrder implements CreationOrder {

    private final Database database;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closed = lock.newCondition();
    private final TreeSet<Long> open = new TreeSet<>();
    private long last;

    ProcessCreationOrder(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.last = database.read(() -> JdbcClient.create(database.template())
                .sql("select id from users order by id desc limit 1")
                .query(UUID.class)
                .optional()
                .map(UserIds::time)
                .orElse(0L));
    }

    @Override
    public <T> T create(int count, LongFunction<T> insert) {
        long first = begin(count);
        try {
            return database.transaction(() -> insert.apply(first));
        } finally {
            end(first);
        }
    }

    @Override
    public long settle() {
        lock.lock();
        try {
            long time = last;
            long nanos = PATIENCE.toNanos();
            while (!open.headSet(time, true).isEmpty()) {
                if (nanos <= 0) {
                    throw new DatabaseFailure.Conflict(null);
                }
                nanos = closed.awaitNanos(nanos);
            }
            return time;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatabaseFailure.CallEnded();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long latest() {
        lock.lock();
        try {
            return last;
        } finally {
            lock.unlock();
        }
    }

    private long begin(int count) {
        lock.lock();
        try {
            long first = Math.max(last + 1, UserIds.time(clock.instant()));
            last = first + count - 1;
            open.add(first);
            return first;
        } finally {
            lock.unlock();
        }
    }

    private void end(long first) {
        lock.lock();
        try {
            open.remove(first);
            closed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
