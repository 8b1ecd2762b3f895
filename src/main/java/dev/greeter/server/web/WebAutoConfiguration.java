package dev.greeter.server.web;

import dev.greeter.server.MethodDetail;
import dev.greeter.server.socket.OtherPort;
import dev.greeter.start.SettingRules;
import java.util.List;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

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
            OtherPort port,
            About about,
            Environment environment) {
        if (settings.isOff()) {
            SettingRules.refuseWithoutEffect(
                    environment,
                    "service.web.",
                    List.of("address", "cors.allowed-origins"),
                    "service.web.port is -1, and there is no web port",
                    "Remove it, or set service.web.port.");
        }
        return new WebServer(settings, properties, configurers, port, about);
    }

    @Bean
    About consoleAbout(
            @Value("${spring.application.name:gRPC}") String name,
            ObjectProvider<BuildProperties> build,
            ObjectProvider<GitProperties> commit,
            ObjectProvider<MethodDetail> details) {
        return new About(
                name,
                build.getIfAvailable(),
                commit.getIfAvailable(),
                details.orderedStream().toList());
    }
}
