package dev.greeter.server.threads;

import static dev.greeter.start.SettingRules.requirePositive;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the calls on workers.
 *
 * @param maxCalls maximum number of concurrent unary calls that may block
 * @param maxStreams maximum number of concurrent streaming calls that may block
 */
@ConfigurationProperties("service.workers")
record WorkerSettings(
        @DefaultValue("256") int maxCalls,
        @DefaultValue("1024") int maxStreams) {

    WorkerSettings {
        requirePositive("service.workers.max-calls", maxCalls);
        requirePositive("service.workers.max-streams", maxStreams);
    }
}
