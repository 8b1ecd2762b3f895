package dev.greeter.server.call;

import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Settings of the deadlines of calls.
 *
 * @param usual deadline of a unary call whose caller sets none
 * @param max longest deadline of a unary call; a longer one is reduced to it
 * @param defaultStream deadline of a streaming call whose caller sets none
 * @param maxStream longest deadline of a streaming call; a longer one is reduced to it
 */
@ConfigurationProperties("service.deadline")
record DeadlineSettings(
        @Name("default") @DefaultValue("30s") Duration usual,
        @DefaultValue("5m") Duration max,
        @DefaultValue("10m") Duration defaultStream,
        @DefaultValue("30m") Duration maxStream) {

    DeadlineSettings {
        requirePositive("service.deadline.default", usual);
        requirePositive("service.deadline.max", max);
        requirePositive("service.deadline.default-stream", defaultStream);
        requirePositive("service.deadline.max-stream", maxStream);
    }
}
