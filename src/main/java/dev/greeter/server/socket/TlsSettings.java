package dev.greeter.server.socket;

import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of TLS that the starter does not have.
 *
 * @param reload how often the files of the TLS settings are checked for changes
 */
@ConfigurationProperties("service.tls")
record TlsSettings(@DefaultValue("1m") Duration reload) {

    TlsSettings {
        requirePositive("service.tls.reload", reload);
    }
}
