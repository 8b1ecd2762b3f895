package dev.greeter.server.lifecycle;

import static dev.greeter.start.SettingRules.requireNotNegative;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the stop.
 *
 * @param delay delay between NOT_SERVING (health) and GOAWAY at the stop, for balancers to notice
 */
@ConfigurationProperties("service.drain")
record DrainSettings(@DefaultValue("0s") Duration delay) {

    DrainSettings {
        requireNotNegative("service.drain.delay", delay);
    }
}
