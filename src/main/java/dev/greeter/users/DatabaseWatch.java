package dev.greeter.users;

import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.service.ServiceAvailability;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Knows whether the database can be used, migrates it as soon as it is there, and reports both as the health of the
 * User service. Looks through a connection of its own, so that a busy pool does not pass for a database that is away.
 */
final class DatabaseWatch implements InitializingBean, SmartLifecycle, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(DatabaseWatch.class);
    private static final int SECONDS_TO_ANSWER = 1;

    private final DataSource connections;
    private final Runnable migration;
    private final ApplicationEventPublisher events;
    private final Executor workers;
    private final Duration startTimeout;

    private final CountDownLatch looked = new CountDownLatch(1);
    private final ReentrantLock looking = new ReentrantLock();
    private @Nullable Connection connection;
    private boolean migrated;
    private String lastFailure = "";
    private volatile boolean available;
    private volatile boolean looks = true;
    private volatile boolean running;

    /** @param connections gives connections that are in no pool */
    DatabaseWatch(
            DataSource connections,
            Runnable migration,
            ApplicationEventPublisher events,
            Executor workers,
            Duration startTimeout) {
        this.connections = connections;
        this.migration = migration;
        this.events = events;
        this.workers = workers;
        this.startTimeout = startTimeout;
    }

    boolean available() {
        return available;
    }

    /** Looks at once, because a call has found the database away. */
    void suspect() {
        if (available && !looking.isLocked()) {
            workers.execute(this::look);
        }
    }

    /** Starts to look while the rest of the application starts. */
    @Override
    public void afterPropertiesSet() {
        workers.execute(this::look);
    }

    /** Waits for the first look, so that who calls right after the start finds the users. */
    @Override
    public void start() {
        running = true;
        try {
            if (!looked.await(startTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("The database does not answer; users are UNAVAILABLE until it does");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        report();
    }

    @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.SECONDS)
    void look() {
        if (!looking.tryLock()) {
            return;
        }
        try {
            if (looks) {
                connect();
                if (!migrated) {
                    migration.run();
                    migrated = true;
                }
                found();
            }
        } catch (SQLException | RuntimeException e) {
            // What a look finds while a failed start is undone is no news of the database.
            if (looks) {
                missed(e);
            }
        } finally {
            looked.countDown();
            looking.unlock();
        }
    }

    @Override
    public void stop() {
        running = false;
        looking.lock();
        try {
            looks = false;
            disconnect();
        } finally {
            looking.unlock();
        }
    }

    @Override
    public void destroy() {
        looks = false;
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

    private void connect() throws SQLException {
        Connection open = connection;
        if (open != null && open.isValid(SECONDS_TO_ANSWER)) {
            return;
        }
        disconnect();
        connection = connections.getConnection();
    }

    private void disconnect() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            log.debug("A broken connection could not be closed", e);
        }
        connection = null;
    }

    private void found() {
        if (!available) {
            available = true;
            lastFailure = "";
            report();
            log.info("The database is there");
        }
    }

    private void missed(Exception failure) {
        String message = String.valueOf(
                NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
        if (available || !message.equals(lastFailure)) {
            available = false;
            lastFailure = message;
            report();
            log.warn("The database cannot be used; users are UNAVAILABLE until it can: {}", message);
            log.debug("The database cannot be used", failure);
        }
    }

    private synchronized void report() {
        // Before, while beans are being made, nobody listens.
        if (running) {
            events.publishEvent(new ServiceAvailability(UserServiceGrpc.SERVICE_NAME, available));
        }
    }
}
