package dev.greeter.users;

import dev.greeter.database.DatabaseFailure;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/** Forgets request ids when their time is over. */
final class RequestRetention {

    private static final Logger log = LoggerFactory.getLogger(RequestRetention.class);

    private final UserRepository users;
    private final Duration retention;
    private final Clock clock;

    RequestRetention(UserRepository users, Duration retention, Clock clock) {
        this.users = users;
        this.retention = retention;
        this.clock = clock;
    }

    @Scheduled(fixedDelay = 10, initialDelay = 1, timeUnit = TimeUnit.MINUTES)
    void forget() {
        try {
            int forgotten = users.forgetRequestsBefore(clock.instant().minus(retention));
            log.debug("Forgot {} request ids", forgotten);
        } catch (DatabaseFailure e) {
            log.debug("Request ids are forgotten when the database is back", e);
        }
    }
}
