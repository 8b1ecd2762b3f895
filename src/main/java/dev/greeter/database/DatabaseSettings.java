package dev.greeter.database;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the database.
 *
 * @param startTimeout how long the start waits for the database before the server starts without it
 * @param answerTimeout how long the database may take to answer a check before it counts as away
 * @param migrationTimeout how long a statement of a migration may take; PostgreSQL only
 */
@ConfigurationProperties(prefix = "service.database", ignoreUnknownFields = false)
record DatabaseSettings(
        @DefaultValue("5s") Duration startTimeout,
        @DefaultValue("2s") Duration answerTimeout,
        @DefaultValue("10m") Duration migrationTimeout) {

    DatabaseSettings {
        positive("start-timeout", startTimeout);
        positive("answer-timeout", answerTimeout);
        positive("migration-timeout", migrationTimeout);
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("service.database." + name + " must be positive, but is " + value);
        }
    }
}
