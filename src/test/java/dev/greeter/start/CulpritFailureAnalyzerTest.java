package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Failures of libraries that do not name the setting that they are about. */
class CulpritFailureAnalyzerTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Management-specific server address cannot be configured as | management.server.address            | 127.0.0.1
            Management-specific server address cannot be configured as | MANAGEMENT_SERVER_ADDRESS            | 127.0.0.1
            Management-specific SSL cannot be configured as            | management.server.ssl.key-store      | a.p12
            SSL is enabled but no trust material is configured         | management.server.ssl.certificate    | a.pem
            SSL is enabled but no trust material is configured         | SERVER_SSL_CERTIFICATE               | a.pem
            None of the [ciphers] specified are supported by           | server.ssl.ciphers                   | FOO
            url must start with "jdbc"                                 | spring.datasource.url                | foo
            keepAliveTime must be positive                             | GRPC_SERVER_KEEPALIVETIME            | 0
            """)
    void nameTheSetting(String message, String setting, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        Map<String, Object> settings = Map.of(setting, value);
        environment
                .getPropertySources()
                .addFirst(
                        setting.contains(".")
                                ? new MapPropertySource(
                                        CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME, settings)
                                : new SystemEnvironmentPropertySource(
                                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, settings));

        FailureAnalysis analysis = new CulpritFailureAnalyzer(new DefaultListableBeanFactory(), environment)
                .analyze(new IllegalStateException(message));

        assertThat(analysis)
                .isNotNull()
                .extracting(FailureAnalysis::getDescription)
                .asString()
                .contains(setting + " is \"" + value + "\": ");
    }
}
