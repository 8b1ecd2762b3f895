package dev.greeter.server.socket;

import dev.greeter.credentials.LiveTls;
import io.micrometer.core.instrument.MeterRegistry;
import javax.net.ssl.SSLException;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Declares the TLS of the server, if the settings of the starter enable it. */
@AutoConfiguration(before = GrpcServerFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.tls.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(TlsSettings.class)
@ConditionalOnBooleanProperty("grpc.server.security.enabled")
class ServerTlsAutoConfiguration {

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
