package dev.greeter.client;

import dev.greeter.credentials.BearerCredentials;
import dev.greeter.start.FileProblem;
import dev.greeter.start.SettingException;
import io.grpc.CallCredentials;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.util.Objects;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Binds the settings of the demo client and declares how all channels are configured. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ClientSettings.class)
class ClientConfiguration {

    @GrpcGlobalClientInterceptor
    @Order(-100)
    MetricCollectingClientInterceptor clientMetrics(MeterRegistry registry) {
        return new MetricCollectingClientInterceptor(registry);
    }

    @GrpcGlobalClientInterceptor
    @Order(-99)
    @ConditionalOnProperty("management.opentelemetry.tracing.export.otlp.endpoint")
    ObservationGrpcClientInterceptor clientTracing(ObservationRegistry observations) {
        return new ObservationGrpcClientInterceptor(observations);
    }

    @Bean
    static ServerAddresses serverAddresses() {
        return new ServerAddresses();
    }

    @Bean
    ServiceConfig serviceConfig(ClientSettings settings) {
        return new ServiceConfig(settings.serviceConfig());
    }

    @Bean
    ClientTls clientTls(
            GrpcChannelsProperties clients, ClientSettings settings, MeterRegistry registry, Environment environment) {
        ClientTls.requireEffect(clients, environment);
        return new ClientTls(clients, settings.tlsReload(), registry);
    }

    /** Takes precedence over the development token of a server. */
    @Bean
    @Primary
    @ConditionalOnProperty("greeter.client.token")
    CallCredentials token(ClientSettings settings) {
        String token = tokenOf("token", () -> TokenFile.token(String.valueOf(settings.token())));
        return new BearerCredentials(() -> token, BearerCredentials.Reach.PRIVATE);
    }

    @Bean
    @Primary
    @ConditionalOnProperty("greeter.client.token-file")
    CallCredentials tokenFromFile(ClientSettings settings) {
        TokenFile file =
                new TokenFile(Objects.requireNonNull(settings.tokenFile()).toPath());
        tokenOf("token-file", file);
        return new BearerCredentials(file, BearerCredentials.Reach.PRIVATE);
    }

    private static String tokenOf(String setting, BearerCredentials.Token token) {
        try {
            return token.read();
        } catch (IOException e) {
            throw new SettingException(
                    "greeter.client." + setting + " contains no token: " + FileProblem.text(e) + ".",
                    "Set greeter.client.token to a token of an issuer, or greeter.client.token-file to a file with one.",
                    e);
        }
    }
}
