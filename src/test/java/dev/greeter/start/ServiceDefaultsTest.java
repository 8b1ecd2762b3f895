package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

/** The defaults of a service, by where it can be called. */
class ServiceDefaultsTest {

    private final MockEnvironment environment = new MockEnvironment();

    @Test
    void connectionsHaveLimits() {
        environment.setProperty("grpc.server.in-process-name", "test");
        addDefaults();

        assertThat(environment.getProperty("grpc.server.enable-keep-alive")).isEqualTo("true");
        assertThat(environment.getProperty("grpc.server.max-connection-age")).isEqualTo("30m");
    }

    @Test
    void aServerWithoutAPortHasNoLimitsOfConnections() {
        environment.setProperty("grpc.server.in-process-name", "test");
        environment.setProperty("grpc.server.port", "-1");
        addDefaults();

        assertThat(environment.containsProperty("grpc.server.enable-keep-alive"))
                .isFalse();
        assertThat(environment.containsProperty("grpc.server.max-connection-idle"))
                .isFalse();
        assertThat(environment.containsProperty("grpc.server.max-connection-age"))
                .isFalse();
        assertThat(environment.containsProperty("grpc.server.max-connection-age-grace"))
                .isFalse();
    }

    private void addDefaults() {
        new ServiceDefaults().postProcessEnvironment(environment, new SpringApplication());
    }
}
