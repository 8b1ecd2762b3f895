package dev.greeter.server.web;

import dev.greeter.server.socket.OtherPort;
import java.util.List;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Declares the web port. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties(WebSettings.class)
class WebConfiguration {

    @Bean
    WebServer webServer(
            WebSettings settings,
            GrpcServerProperties properties,
            List<GrpcServerConfigurer> configurers,
            OtherPort port) {
        return new WebServer(settings, properties, configurers, port);
    }
}
