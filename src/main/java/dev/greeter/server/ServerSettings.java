package dev.greeter.server;

import dev.greeter.server.security.Access;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the server that the starter has no key for: limits, and who may call what.
 *
 * @param defaultDeadline time a unary call has whose caller sets no deadline
 * @param maxDeadline longest deadline a caller of a unary call may set; a longer one is cut to it
 * @param defaultStreamDeadline time a streaming call has whose caller sets no deadline
 * @param maxStreamDeadline longest deadline a caller of a streaming call may set
 * @param drainDelay time between the server's leave of service (health) and its stop (GOAWAY), for balancers to notice
 * @param handshakeTimeout time a new connection has until its HTTP/2 (and TLS) handshake is complete
 * @param maxConnections connections open at the same time
 * @param maxConnectionsPerPeer connections open at the same time from one address (IPv6: one /64 network)
 * @param maxConcurrentCallsPerConnection calls open at the same time on one connection
 * @param maxResetsPerSecond streams that one connection may reset in a second before it is closed
 * @param maxCallsOnWorkers unary calls that may block, in flight at the same time
 * @param maxStreamsOnWorkers streaming calls that may block, open at the same time
 * @param maxTokenSize size up to which a token is looked at
 * @param tokenCacheTime time for which a token that has been checked is taken again without a check of its signature; 0s
 *     to check with each call
 * @param access who may call each method, by its full name: open, authenticated or scope:NAME
 * @param certificates scopes of callers that come with a client certificate instead of a token, by its subject or a
 *     subject alternative name
 * @param reflection who may ask which services there are; off serves no reflection
 * @param tlsReload time between two looks at the files of the TLS settings, for replacements
 */
@ConfigurationProperties(prefix = "greeter.server", ignoreUnknownFields = false)
public record ServerSettings(
        @DefaultValue("30s") Duration defaultDeadline,
        @DefaultValue("5m") Duration maxDeadline,
        @DefaultValue("10m") Duration defaultStreamDeadline,
        @DefaultValue("30m") Duration maxStreamDeadline,
        @DefaultValue("0s") Duration drainDelay,
        @DefaultValue("10s") Duration handshakeTimeout,
        @DefaultValue("10000") int maxConnections,
        @DefaultValue("2000") int maxConnectionsPerPeer,
        @DefaultValue("100") int maxConcurrentCallsPerConnection,
        @DefaultValue("500") int maxResetsPerSecond,
        @DefaultValue("256") int maxCallsOnWorkers,
        @DefaultValue("1024") int maxStreamsOnWorkers,
        @DefaultValue("8KB") DataSize maxTokenSize,
        @DefaultValue("1m") Duration tokenCacheTime,
        @DefaultValue Map<String, Access> access,
        @DefaultValue Map<String, Set<String>> certificates,
        @DefaultValue("open") Reflection reflection,
        @DefaultValue("1m") Duration tlsReload) {

    /** Who may use server reflection. */
    public enum Reflection {
        OPEN,
        AUTHENTICATED,
        OFF
    }

    public ServerSettings {
        requirePositive("default-deadline", defaultDeadline);
        requirePositive("max-deadline", maxDeadline);
        requirePositive("default-stream-deadline", defaultStreamDeadline);
        requirePositive("max-stream-deadline", maxStreamDeadline);
        requireNotNegative("drain-delay", drainDelay);
        requireNotNegative("token-cache-time", tokenCacheTime);
        requirePositive("handshake-timeout", handshakeTimeout);
        requirePositive("max-connections", maxConnections);
        requirePositive("max-connections-per-peer", maxConnectionsPerPeer);
        requirePositive("max-concurrent-calls-per-connection", maxConcurrentCallsPerConnection);
        requirePositive("max-resets-per-second", maxResetsPerSecond);
        requirePositive("tls-reload", tlsReload);
        requirePositive("max-calls-on-workers", maxCallsOnWorkers);
        requirePositive("max-streams-on-workers", maxStreamsOnWorkers);
        requirePositive("max-token-size", (int) maxTokenSize.toBytes());
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("greeter.server." + name + " must not be negative, but is " + value);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("greeter.server." + name + " must be positive, but is " + value);
        }
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("greeter.server." + name + " must be positive, but is " + value);
        }
    }
}
