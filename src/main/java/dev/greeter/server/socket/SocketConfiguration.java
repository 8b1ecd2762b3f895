package dev.greeter.server.socket;

import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Declares what limits the connections. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties(LimitSettings.class)
class SocketConfiguration {

    @Bean
    ConnectionLimiter connectionLimiter(LimitSettings limits) {
        return new ConnectionLimiter(limits.connections(), limits.connectionsPerPeer());
    }

    @Bean
    SocketLimits socketLimits(LimitSettings limits, GrpcServerProperties server, ConnectionLimiter connections) {
        return new SocketLimits(limits, server, connections);
    }
}
