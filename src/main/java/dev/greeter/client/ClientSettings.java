package dev.greeter.client;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the demo client.
 *
 * @param enabled whether the application greets someone once it has started
 * @param timeout deadline of each call
 */
@ConfigurationProperties(prefix = "greeter.client", ignoreUnknownFields = false)
record ClientSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration timeout) {

    ClientSettings {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("greeter.client.timeout must be positive, but is " + timeout);
        }
    }
}
