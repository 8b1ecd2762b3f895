package dev.greeter.users;

import dev.greeter.start.SettingRules;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the User service.
 *
 * @param requestIdRetention how long a request_id is remembered
 * @param exportStallTimeout how long an export waits for its caller to continue reading
 * @param maxExports maximum number of concurrent exports, each with its own database connection
 * @param readUrl JDBC URL of PostgreSQL standbys, where ListUsers and ExportUsers then read
 */
@ConfigurationProperties(prefix = "greeter.users", ignoreUnknownFields = false)
record UsersSettings(
        @DefaultValue("24h") Duration requestIdRetention,
        @DefaultValue("30s") Duration exportStallTimeout,
        @DefaultValue("2") int maxExports,
        @Nullable String readUrl) {

    UsersSettings {
        SettingRules.requirePositive("greeter.users.request-id-retention", requestIdRetention);
        SettingRules.requirePositive("greeter.users.export-stall-timeout", exportStallTimeout);
        SettingRules.requirePositive("greeter.users.max-exports", maxExports);
    }
}
