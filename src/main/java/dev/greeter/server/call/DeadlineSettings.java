package dev.greeter.server.call;

import static dev.greeter.start.SettingRules.refuseWithoutEffect;
import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.core.env.Environment;

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

    /** Refuses defaults that are set, but longer than the longest deadline. */
    void requireEffect(Environment environment) {
        requireEffect(environment, "default", usual, "max", max);
        requireEffect(environment, "default-stream", defaultStream, "max-stream", maxStream);
    }

    private static void requireEffect(
            Environment environment, String name, Duration value, String limit, Duration longest) {
        if (value.compareTo(longest) > 0) {
            refuseWithoutEffect(
                    environment,
                    "service.deadline.",
                    List.of(name),
                    "no deadline is longer than service.deadline." + limit + ", which is " + longest.toSeconds() + " s",
                    "Lower it, or raise the limit.");
        }
    }
}
