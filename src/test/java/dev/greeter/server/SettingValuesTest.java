package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.mock.env.MockEnvironment;

class SettingValuesTest {

    private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";

    @ParameterizedTest
    @CsvSource({
        "server.port, -2, It is not a port",
        "server.port, 70000, It is not a port",
        "management.server.port, 99999, It is not a port",
        "grpc.server.port, -2, It is not a port",
        "grpc.server.max-inbound-message-size, 2GB, larger than 2147483647B",
        "grpc.server.max-inbound-metadata-size, 3GB, larger than 2147483647B",
        "management.tracing.sampling.probability, 2, not a number from 0 to 1",
        "management.tracing.sampling.probability, NaN, not a number from 0 to 1",
        "grpc.server.address, unix:, not unix:PATH",
        "grpc.server.address, unix:/tmp/a b.sock, not unix:PATH",
        "management.otlp.metrics.export.url, foo, http://localhost:4318",
        ENDPOINT + ", localhost:4318, http://localhost:4318",
        ENDPOINT + ", localhost, http://localhost:4318",
        ENDPOINT + ", //localhost:4318, http://localhost:4318",
        ENDPOINT + ", grpc://localhost:4317, http://localhost:4318",
        ENDPOINT + ", http:, http://localhost:4318",
        ENDPOINT + ", http://, http://localhost:4318"
    })
    void aValueWithoutAMeaningIsRefused(String name, String value, String problem) {
        assertThatThrownBy(() -> check(name, value))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource({
        "server.port, -1",
        "server.port, 0",
        "management.server.port, 65535",
        "grpc.server.max-inbound-message-size, -1",
        "grpc.server.max-inbound-message-size, 2047MB",
        "grpc.server.address, ::1",
        "grpc.server.address, unix:/tmp/a.sock",
        "management.tracing.sampling.probability, 0.1",
        ENDPOINT + ", http://localhost:4318/v1/traces",
        ENDPOINT + ", https://collector.example.org"
    })
    void othersAreAccepted(String name, String value) {
        assertThatCode(() -> check(name, value)).doesNotThrowAnyException();
    }

    private static void check(String name, String value) {
        SettingValues.check(new MockEnvironment().withProperty(name, value));
    }
}
