package dev.greeter.users;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the User service.
 *
 * @param requestIdRetention how long a request_id is remembered
 * @param exportStallTimeout how long an export waits for its caller to continue reading
 * @param maxExports maximum number of concurrent exports, each with its own database connection
 */
@ConfigurationProperties(prefix = "greeter.users", ignoreUnknownFields = false)
record UsersSettings(
        @DefaultValue("24h") Duration requestIdRetention,
        @DefaultValue("30s") Duration exportStallTimeout,
        @DefaultValue("2") int maxExports) {

    UsersSettings {
        positive("request-id-retention", requestIdRetention);
        positive("export-stall-timeout", exportStallTimeout);
        if (maxExports < 1) {
            throw new IllegalArgumentException("greeter.users.max-exports must be at least 1, but is " + maxExports);
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("greeter.users." + name + " must be positive, but is " + value);
        }
    }
}
