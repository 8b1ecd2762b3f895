package dev.greeter.database;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.greeter.service.ServiceAvailability;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Checks whether the database can be read and accepts changes, migrates it after each connect, and reports its state as
 * the health of the services that need it. It has its own connection, so that a busy pool is not mistaken for a
 * database that is away, and its own threads, so that nothing else delays a check.
 */
final class DatabaseWatch implements InitializingBean, SmartLifecycle, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(DatabaseWatch.class);

    /** How long a server that is back may take to answer what was sent to it before. */
    private static final Duration TO_ANSWER = Duration.ofSeconds(1);

    private static final Duration TO_CLOSE = Duration.ofSeconds(1);
    private static final Duration TO_COMPACT = Duration.ofSeconds(10);
    private static final long INTERVAL_MILLIS = 1_000;
    // A database that is back must be used again within five seconds, of which a server that is silent takes two.
    private static final long MAX_INTERVAL_MILLIS = 1_500;

    private final OutageLog outages;
    private final DataSource connections;
    private final Runnable migration;
    private final List<NeedsDatabase> services;
    private final List<String> tables;
    private final Pool pool;
    private final ApplicationEventPublisher events;
    private final DatabaseSettings settings;

    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(2, DaemonThreads.named("database-watch"));
    private final CountDownLatch firstCheck = new CountDownLatch(1);
    private final ReentrantLock checking = new ReentrantLock();
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Object reporting = new Object();

    @GuardedBy("checking")
    private long interval = INTERVAL_MILLIS;

    @GuardedBy("checking")
    private String refusal = "";

    private volatile @Nullable Connection connection;
    private volatile Dialect dialect;
    private volatile long checkedSince;
    private volatile boolean changeRefused;
    private volatile boolean reconnect;
    private volatile State state = State.AWAY;
    private volatile boolean stopped;
    private volatile boolean running;

    @GuardedBy("reporting")
    private String lastProblem = "";

    /**
     * @param name of the database, for the log
     * @param connections data source without a pool
     * @param dialect of a database that has a role of its own; otherwise the database tells
     * @param pool whose connections from before the database was away are discarded
     */
    DatabaseWatch(
            String name,
            DataSource connections,
            Dialect dialect,
            Runnable migration,
            List<NeedsDatabase> services,
            Pool pool,
            ApplicationEventPublisher events,
            DatabaseSettings settings) {
        this.outages = new OutageLog(
                name, services.stream().map(NeedsDatabase::service).toList());
        this.connections = connections;
        this.dialect = dialect;
        this.migration = migration;
        this.services = services;
        this.tables =
                services.stream().flatMap(service -> service.tables().stream()).toList();
        this.pool = pool;
        this.events = events;
        this.settings = settings;
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    State state() {
        return state;
    }

    Dialect dialect() {
        return dialect;
    }

    void requireAvailable() {
        if (state == State.AWAY) {
            throw new DatabaseFailure.Unavailable("The database cannot be reached at the moment.", null);
        }
    }

    void requireWritable() {
        requireAvailable();
        if (state == State.READ_ONLY) {
            throw new DatabaseFailure.Unavailable("The database accepts no changes at the moment.", null);
        }
    }

    /** Checks at once, because a call could not reach the database. */
    void checkNow() {
        if (state != State.AWAY) {
            soon();
        }
    }

    /** Reconnects, because something that a call needs is missing in the database, and checks that it accepts changes. */
    void reconnectNext() {
        if (state != State.AWAY) {
            changeRefused = true;
            reconnect = true;
        }
    }

    /** Records that a change was refused: the database counts as read-only until it has accepted a change. */
    void refusedChange(Throwable failure) {
        changeRefused = true;
        if (state == State.USABLE) {
            // A write that fails closes H2's store, and reads need connections to a new one.
            pool.renew();
            report(State.READ_ONLY, Problems.text(failure));
            soon();
        }
    }

    /** Starts the checks while the rest of the application starts. */
    @Override
    public void afterPropertiesSet() {
        timer.execute(this::checkAndGoOn);
        long millis = settings.answerTimeout().toMillis();
        Future<?> unused = timer.scheduleWithFixedDelay(
                this::noticeSilence, millis, Math.max(1, millis / 4), TimeUnit.MILLISECONDS);
    }

    /** Waits for the first check, so that calls right after the start find the database. */
    @Override
    public void start() {
        running = true;
        try {
            if (!firstCheck.await(settings.startTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
                outages.noAnswer();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (reporting) {
            publish();
        }
    }

    void check() {
        if (!checking.tryLock()) {
            return;
        }
        try {
            if (!stopped) {
                checkedSince = System.nanoTime() | 1;
                State found = find();
                if (found == State.USABLE) {
                    changeRefused = false;
                }
                interval = INTERVAL_MILLIS;
                report(found, refusal);
            }
        } catch (SQLException | RuntimeException e) {
            disconnect();
            interval = Math.min(interval * 3 / 2, MAX_INTERVAL_MILLIS);
            State found = SqlProblem.of(e) == SqlProblem.READ_ONLY ? State.READ_ONLY : State.AWAY;
            report(found, Problems.text(e));
            if (found == State.AWAY) {
                // Again after each check: a call may have waited for a connection to the server that has gone.
                endWorkSoon();
            }
            log.debug("The database cannot be used", e);
        } finally {
            checkedSince = 0;
            firstCheck.countDown();
            checking.unlock();
        }
    }

    /** Stops without waiting for a database that does not answer. */
    @Override
    public void stop() {
        running = false;
        destroy();
    }

    /** Interrupts nobody: H2 closes a database whose thread is interrupted, and a migration leaves it half done. */
    @Override
    public void destroy() {
        stopped = true;
        if (timer.isShutdown()) {
            return;
        }
        timer.shutdown();
        try {
            if (!timer.awaitTermination(1, TimeUnit.SECONDS)) {
                log.debug("The database does not answer the last check");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Connection open = connection;
        if (open != null) {
            // Closing notifies the database, which may not answer.
            Thread closing = DaemonThreads.named("database-close").newThread(this::leave);
            closing.start();
            try {
                closing.join((dialect == Dialect.H2 ? TO_COMPACT : TO_CLOSE).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the server starts, and after it has stopped. */
    @Override
    public int getPhase() {
        return 0;
    }

    private void checkAndGoOn() {
        try {
            check();
        } finally {
            if (!stopped) {
                Future<?> unused = timer.schedule(this::checkAndGoOn, nextInterval(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private long nextInterval() {
        checking.lock();
        try {
            return interval;
        } finally {
            checking.unlock();
        }
    }

    private void soon() {
        if (!stopped && !checking.isLocked() && asked.compareAndSet(false, true)) {
            timer.execute(() -> {
                asked.set(false);
                check();
            });
        }
    }

    /** A check that takes too long means that the database is away; its wait ends by the timeouts of the driver. */
    private void noticeSilence() {
        long since = checkedSince;
        if (since != 0
                && state != State.AWAY
                && System.nanoTime() - since > settings.answerTimeout().toNanos()) {
            report(State.AWAY, Problems.SILENCE);
            endWorkSoon();
        }
    }

    @GuardedBy("checking")
    private State find() throws SQLException {
        Connection open = connection;
        boolean lost = state == State.AWAY;
        if (open != null) {
            dialect.requireSameFile(open);
        }
        // Only a new session shows whether a read-only database has become writable.
        if (open != null && state != State.READ_ONLY && !reconnect) {
            try {
                State known = stateOf(open);
                if (!reconnect) {
                    return known;
                }
            } catch (SQLException e) {
                log.debug("The connection is broken, perhaps only this one", e);
                lost = true;
            }
        }
        disconnect();
        open = connections.getConnection();
        connection = open;
        if (state == State.READ_ONLY && dialect.reopens(open)) {
            disconnect();
            open = connections.getConnection();
            connection = open;
        }
        reconnect = false;
        if (dialect != Dialect.POSTGRESQL_STANDBY) {
            dialect = Dialect.of(open);
        }
        if (!open.getAutoCommit()) {
            // Set by the URL: the probes would hold their locks.
            open.setAutoCommit(true);
        }
        if (!dialect.isReadOnly(open)) {
            // Also after a lost connection: the database may have been created anew.
            migration.run();
        }
        requireTables(open);
        State found = stateOf(open);
        pool.renew();
        if (lost) {
            endWorkSoon();
        }
        return found;
    }

    /** Ends the work that a server that has gone does not answer: its callers may retry, and others need its connections. */
    private void endWorkSoon() {
        if (stopped) {
            return;
        }
        long now = System.nanoTime();
        Future<?> unused = timer.schedule(() -> pool.abandonBefore(now), TO_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    }

    @GuardedBy("checking")
    private State stateOf(Connection open) throws SQLException {
        Sql.execute(open, "select 1");
        if (dialect.isReadOnly(open)) {
            refusal = "it is read-only";
            return State.READ_ONLY;
        }
        try {
            if (changeRefused) {
                dialect.change(open, tables);
            }
            probe(open);
            return State.USABLE;
        } catch (SQLException e) {
            SqlProblem problem = SqlProblem.of(e);
            if (problem == SqlProblem.AWAY || problem == SqlProblem.ENDED) {
                throw e;
            }
            // What is missing may be migrated after a reconnect.
            reconnect |= problem == SqlProblem.GONE;
            refusal = Problems.text(e);
            log.debug("The database refuses changes", e);
            return State.READ_ONLY;
        }
    }

    /** A privilege may have been revoked, or another session may hold a lock on a table. */
    private void probe(Connection open) throws SQLException {
        List<String> probes =
                services.stream().flatMap(service -> service.probes().stream()).toList();
        if (!probes.isEmpty()) {
            dialect.probe(open, probes, settings.answerTimeout().dividedBy(2));
        }
    }

    /** Reads the metadata, because a query would wait for locks on the tables. */
    private void requireTables(Connection open) throws SQLException {
        for (NeedsDatabase service : services) {
            for (String table : service.tables()) {
                try (ResultSet tables = open.getMetaData().getTables(null, open.getSchema(), table, null)) {
                    if (!tables.next()) {
                        throw new SQLException("the table " + table + " of " + service.service()
                                + " is missing in the schema " + open.getSchema());
                    }
                }
            }
        }
    }

    private void leave() {
        Connection open = connection;
        try {
            if (open != null && state == State.USABLE) {
                dialect.leave(open);
            }
        } catch (SQLException e) {
            log.debug("The database could not be prepared for the end", e);
        }
        disconnect();
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        try {
            if (open != null) {
                open.close();
            }
        } catch (SQLException e) {
            log.debug("A broken connection could not be closed", e);
        }
    }

    private void report(State found, String problem) {
        synchronized (reporting) {
            State before = state;
            if (stopped || (found == before && (found == State.USABLE || problem.equals(lastProblem)))) {
                return;
            }
            lastProblem = found == State.USABLE ? "" : problem;
            state = found;
            pool.keepIdle(found != State.AWAY);
            if (found != before) {
                publish();
            }
            outages.changed(before, found, problem);
        }
    }

    /** Only after the start: no bean listens before. */
    @GuardedBy("reporting")
    private void publish() {
        if (running) {
            for (NeedsDatabase service : services) {
                events.publishEvent(new ServiceAvailability(service.service(), state == State.USABLE));
            }
        }
    }
}
