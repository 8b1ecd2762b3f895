package dev.greeter.server.socket;

import dev.greeter.service.Refusals;
import io.grpc.DecompressorRegistry;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.nameresolver.SelfNameResolverFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** Declares the server that clients of the same context find, and the limits of connections. */
@AutoConfiguration(before = GrpcServerFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "service.enabled", matchIfMissing = true)
class SocketAutoConfiguration {

    @Bean
    static BeanFactoryPostProcessor tlsEffect(Environment environment) {
        return beans -> TlsEffect.check(environment);
    }

    /** After the web server is made, and before a port is open. */
    @Bean
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    SmartInitializingSingleton httpTlsCheck(
            ObjectProvider<ServerProperties> server,
            ObjectProvider<ManagementServerProperties> management,
            ObjectProvider<SslBundles> bundles) {
        return () -> {
            server.ifAvailable(http -> HttpTls.check("server.ssl.", http.getSsl(), bundles.getIfAvailable()));
            management.ifAvailable(
                    http -> HttpTls.check("management.server.ssl.", http.getSsl(), bundles.getIfAvailable()));
        };
    }

    @Bean
    OwnServer ownServer(
            SelfNameResolverFactory self, GrpcChannelsProperties clients, ConfigurableEnvironment environment) {
        return new OwnServer(self, clients, environment);
    }

    /** The limits, and what listens within them. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBooleanProperty(name = "service.limit.enabled", matchIfMissing = true)
    @EnableConfigurationProperties(LimitSettings.class)
    static class Limits {

        private static final DataSize GRPC_DEFAULT = DataSize.ofKilobytes(8);

        @Bean
        ConnectionLimiter connectionLimiter(LimitSettings limits) {
            return new ConnectionLimiter(limits.connections(), limits.connectionsPerPeer());
        }

        @Bean
        StreamLimits streamLimits(
                LimitSettings limits,
                GrpcServerProperties server,
                DecompressorRegistry decompressors,
                Refusals refusals) {
            DataSize metadata = server.getMaxInboundMetadataSize();
            return new StreamLimits(
                    (int) (metadata == null ? GRPC_DEFAULT : metadata).toBytes(), limits, decompressors, refusals);
        }

        @Bean
        SocketLimits socketLimits(
                LimitSettings limits,
                GrpcServerProperties server,
                ConnectionLimiter connections,
                StreamLimits streams,
                OtherPort otherPort) {
            return new SocketLimits(limits, server, connections, streams, new OtherProtocols(otherPort));
        }

        @Bean
        OtherPort otherPort(
                LimitSettings limits,
                ConnectionLimiter connections,
                ObjectProvider<ServerTls> tls,
                StreamLimits streams) {
            return new OtherPort(limits, connections, tls.getIfAvailable(), streams);
        }

        @Bean
        @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
        WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementProtocol() {
            return tomcat -> tomcat.setProtocol(ManagementProtocol.class.getName());
        }
    }
}
