package dev.greeter.server.security;

import static dev.greeter.start.SettingRules.requireNotNegative;
import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of authentication and authorization.
 *
 * @param access who may call each method, by its full name: open, authenticated or scope:NAME
 * @param certificates scopes of callers with a client certificate instead of a token, by its subject or a subject
 *     alternative name
 * @param reflection who may use server reflection; off disables it
 */
@ConfigurationProperties("service")
record SecuritySettings(
        @DefaultValue Map<String, AuthorizationRule> access,
        @DefaultValue Map<String, Set<String>> certificates,
        @DefaultValue("open") Reflection reflection,
        @DefaultValue Tokens tokens) {

    /** Who may use server reflection. */
    enum Reflection {
        OPEN,
        AUTHENTICATED,
        OFF
    }

    /**
     * Settings of tokens.
     *
     * @param maxSize maximum size of a token; a larger one is refused
     * @param cacheTime how long a verified token is accepted without verifying its signature again; 0s verifies it with
     *     each call
     */
    record Tokens(
            @DefaultValue("8KB") DataSize maxSize,
            @DefaultValue("1m") Duration cacheTime) {

        Tokens {
            requirePositive("service.tokens.max-size", maxSize.toBytes());
            requireNotNegative("service.tokens.cache-time", cacheTime);
        }
    }
}
