package dev.greeter.client;

import static dev.greeter.start.SettingRules.requirePositive;

import java.io.File;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;

/**
 * Settings of the demo client.
 *
 * @param enabled whether the application greets once after its start
 * @param timeout deadline of each call
 * @param token token that is sent with each call, over plaintext only to this host
 * @param tokenFile file with the token, read again when it changes
 * @param serviceConfig gRPC service config of all channels: deadlines, retries, load balancing, health checks
 * @param tlsReload how often the files of the TLS settings are checked for changes
 */
@ConfigurationProperties(prefix = "greeter.client", ignoreUnknownFields = false)
record ClientSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration timeout,
        @Nullable String token,
        @Nullable File tokenFile,
        @DefaultValue("classpath:service-config.json") Resource serviceConfig,
        @DefaultValue("1m") Duration tlsReload) {

    ClientSettings {
        requirePositive("greeter.client.timeout", timeout);
        requirePositive("greeter.client.tls-reload", tlsReload);
        if (token != null && tokenFile != null) {
            throw new IllegalArgumentException("greeter.client.token and greeter.client.token-file are both set");
        }
    }

    boolean hasToken() {
        return token != null || tokenFile != null;
    }
}
