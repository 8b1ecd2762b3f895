package dev.greeter.database;

import dev.greeter.start.SettingRules;
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
@ConfigurationProperties("service.database")
record DatabaseSettings(
        @DefaultValue("5s") Duration startTimeout,
        @DefaultValue("2s") Duration answerTimeout,
        @DefaultValue("10m") Duration migrationTimeout) {

    DatabaseSettings {
        SettingRules.requirePositive("service.database.start-timeout", startTimeout);
        SettingRules.requirePositive("service.database.answer-timeout", answerTimeout);
        SettingRules.requirePositive("service.database.migration-timeout", migrationTimeout);
    }
}
