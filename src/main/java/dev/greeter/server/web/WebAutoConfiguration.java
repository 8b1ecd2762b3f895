package dev.greeter.server.web;

import dev.greeter.server.socket.OtherPort;
import java.util.List;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Declares the web port. */
@AutoConfiguration(after = GrpcServerFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.limit.enabled", "service.web.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(WebSettings.class)
class WebAutoConfiguration {

    @Bean
    WebServer webServer(
            WebSettings settings,
            GrpcServerProperties properties,
            List<GrpcServerConfigurer> configurers,
            OtherPort port) {
        return new WebServer(settings, properties, configurers, port);
    }
}
