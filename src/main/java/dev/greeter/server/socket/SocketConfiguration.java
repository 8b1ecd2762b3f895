package dev.greeter.server.socket;

import dev.greeter.server.ServerSettings;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Declares what limits the connections. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
class SocketConfiguration {

    @Bean
    ConnectionLimiter connectionLimiter(ServerSettings settings) {
        return new ConnectionLimiter(settings.maxConnections(), settings.maxConnectionsPerPeer());
    }

    @Bean
    SocketLimits socketLimits(ServerSettings settings, GrpcServerProperties server, ConnectionLimiter connections) {
        return new SocketLimits(settings, server.getAddress().startsWith("unix:"), connections);
    }
}
