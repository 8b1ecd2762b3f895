package dev.greeter.server.socket;

import dev.greeter.credentials.LiveTls;
import io.micrometer.core.instrument.MeterRegistry;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Declares the TLS of the server, if the settings of the starter enable it. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties(TlsSettings.class)
@ConditionalOnBooleanProperty("grpc.server.security.enabled")
class ServerTlsConfiguration {

    @Bean
    LiveTls liveServerTls(GrpcServerProperties server, MeterRegistry registry) {
        LiveTls tls = new LiveTls(ServerTls.files(server.getSecurity()));
        tls.bindTo(registry);
        return tls;
    }

    @Bean
    ServerTls serverTls(GrpcServerProperties server, LiveTls liveServerTls, TlsSettings settings) throws SSLException {
        return new ServerTls(server.getSecurity(), liveServerTls, settings.reload());
    }
}
