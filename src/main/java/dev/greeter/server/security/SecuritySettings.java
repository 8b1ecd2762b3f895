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
 * Who may call what, and by which credentials.
 *
 * @param access who may call each method, by its full name: open, authenticated or scope:NAME
 * @param certificates scopes of callers that come with a client certificate instead of a token, by its subject or a
 *     subject alternative name
 * @param reflection who may ask which services there are; off serves no reflection
 */
@ConfigurationProperties(prefix = "service")
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
     * What is done with tokens.
     *
     * @param maxSize size up to which a token is looked at
     * @param cacheTime time for which a token that has been checked is taken again without a check of its signature; 0s
     *     to check with each call
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
