package dev.greeter.server.socket;

import static dev.greeter.start.SettingRules.requirePositive;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of connections that the starter has no settings for.
 *
 * @param connections maximum number of open connections
 * @param connectionsPerPeer maximum number of open connections from one address (IPv6: one /64 network)
 * @param concurrentCallsPerConnection maximum number of concurrent calls on one connection
 * @param resetsPerSecond how many streams one connection may reset in a second before it is closed; ten calls that are
 *     refused for malformed headers count as one
 * @param handshakeTimeout how long the HTTP/2 (and TLS) handshake of a new connection may take, and how long the rest of
 *     a request that is already answered
 */
@ConfigurationProperties("service.limit")
record LimitSettings(
        @DefaultValue("10000") int connections,
        @DefaultValue("2000") int connectionsPerPeer,
        @DefaultValue("100") int concurrentCallsPerConnection,
        @DefaultValue("500") int resetsPerSecond,
        @DefaultValue("10s") Duration handshakeTimeout) {

    LimitSettings {
        requirePositive("service.limit.connections", connections);
        requirePositive("service.limit.connections-per-peer", connectionsPerPeer);
        requirePositive("service.limit.concurrent-calls-per-connection", concurrentCallsPerConnection);
        requirePositive("service.limit.resets-per-second", resetsPerSecond);
        requirePositive("service.limit.handshake-timeout", handshakeTimeout);
    }
}
