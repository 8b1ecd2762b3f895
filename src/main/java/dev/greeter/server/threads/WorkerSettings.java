package dev.greeter.server.threads;

import static dev.greeter.start.SettingRules.requirePositive;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much may be in flight on workers.
 *
 * @param maxCalls unary calls that may block, in flight at the same time
 * @param maxStreams streaming calls that may block, open at the same time
 */
@ConfigurationProperties(prefix = "service.workers", ignoreUnknownFields = false)
record WorkerSettings(
        @DefaultValue("256") int maxCalls,
        @DefaultValue("1024") int maxStreams) {

    WorkerSettings {
        requirePositive("service.workers.max-calls", maxCalls);
        requirePositive("service.workers.max-streams", maxStreams);
    }
}
