package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ExportEndpointsTest {

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(Settings.class).withBean(ExportEndpoints.class);

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost:4318", "localhost", "//localhost:4318", "grpc://localhost:4317", "http:", "http://"})
    void anEndpointThatIsNoUrlIsRefused(String endpoint) {
        context.withPropertyValues(ExportFilter.TRACES + "=" + endpoint)
                .run(started -> assertThat(started)
                        .getFailure()
                        .hasCauseInstanceOf(BindException.class)
                        .rootCause()
                        .hasMessageContaining("http://localhost:4318"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:4318/v1/traces", "https://collector.example.org"})
    void aUrlIsTaken(String endpoint) {
        context.withPropertyValues(ExportFilter.TRACES + "=" + endpoint)
                .run(started -> assertThat(
                                started.getBean(OtlpTracingProperties.class).getEndpoint())
                        .isEqualTo(endpoint));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(OtlpTracingProperties.class)
    static class Settings {}
}
