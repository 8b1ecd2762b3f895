package dev.greeter.server.call;

import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Settings of the deadlines of calls.
 *
 * @param usual time a unary call has whose caller sets no deadline
 * @param max longest deadline a caller of a unary call may set; a longer one is cut to it
 * @param defaultStream time a streaming call has whose caller sets no deadline
 * @param maxStream longest deadline a caller of a streaming call may set
 */
@ConfigurationProperties(prefix = "service.deadline", ignoreUnknownFields = false)
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
