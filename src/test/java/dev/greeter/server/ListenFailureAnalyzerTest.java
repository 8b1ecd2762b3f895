package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.context.ApplicationContextException;
import org.springframework.mock.env.MockEnvironment;

/** The settings that are named when a port cannot be opened. */
class ListenFailureAnalyzerTest {

    @Test
    void aManagementServerOfItsOwnHasItsOwnPort() {
        MockEnvironment environment = new MockEnvironment()
                .withProperty("server.port", "9464")
                .withProperty("management.server.port", "9000");
        assertThat(remedy(environment, new PortInUseException(9000))).contains("with management.server.port.");
        assertThat(remedy(environment, new PortInUseException(9464))).contains("with server.port.");
    }

    @Test
    void aManagementServerOfItsOwnHasItsOwnAddress() {
        RuntimeException failure = new WebServerException("", new BindException("Cannot assign requested address"));
        MockEnvironment environment = new MockEnvironment().withProperty("server.address", "192.0.2.1");
        assertThat(remedy(environment, failure)).startsWith("Set server.address");
        environment.setProperty("management.server.address", "192.0.2.2");
        assertThat(remedy(environment, failure)).startsWith("Set management.server.address");
    }

    @Test
    void theAddressOfTheServerIsNamedWithItsPort() {
        MockEnvironment environment = new MockEnvironment()
                .withProperty("grpc.server.port", "50051")
                .withProperty("grpc.server.address", "192.0.2.1");
        FailureAnalysis analysis = analysis(
                environment, new ApplicationContextException("", new BindException("bind: Cannot assign address")));
        assertThat(analysis.getDescription()).contains("\n    grpc.server.port: ", "\n    grpc.server.address: ");
    }

    private static @Nullable String remedy(MockEnvironment environment, RuntimeException failure) {
        return analysis(environment, failure).getAction();
    }

    private static FailureAnalysis analysis(MockEnvironment environment, RuntimeException failure) {
        return Objects.requireNonNull(new ListenFailureAnalyzer(environment).analyze(failure));
    }
}
