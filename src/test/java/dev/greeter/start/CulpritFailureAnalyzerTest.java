package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
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
            Error page location [x/error] must start with a '/'          | spring.mvc.servlet.path              | x
            There is already 'Actuator web endpoint 'health'' bean       | management.endpoints.web.path-mapping.health | /
            keepAliveTime must be positive                             | GRPC_SERVER_KEEPALIVETIME            | 0
            Error loading private key file: wrong password             | server.ssl.certificate-private-key   | a.key
            Missing private key or unrecognized format                 | SERVER_SSL_CERTIFICATEPRIVATEKEY     | a.pem
            Missing private key or unrecognized format                 | spring.ssl.bundle.pem.a.keystore.private-key | a.pem
            """)
    void nameTheSetting(String message, String setting, String value) {
        assertThat(description(new IllegalStateException(message), setting, value))
                .contains(setting + " is \"" + value + "\": ");
    }

    /** A condition reads some settings as text, and the failure does not name them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            spring.sql.init.mode               | sometimes    | which is none of ALWAYS, EMBEDDED, NEVER
            SPRING_SQL_INIT_MODE               | sometimes    | which is none of ALWAYS, EMBEDDED, NEVER
            grpc.server.keep-alive-time        | 99999999999d | it is longer than 100 years
            GRPC_CLIENT_GREETER_KEEPALIVETIME  | 99999999999d | it is longer than 100 years
            server.tomcat.max-connections      | many         | which is not a whole number
            service.tokens.max-size            | 8 kilo       | which is not a size
            """)
    void nameTheSettingThatHasAnotherType(String setting, String value, String problem) {
        assertThat(description(new ArithmeticException("long overflow"), setting, value))
                .contains(" is \"" + value + "\"", problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            server.ssl.certificate-private-key          | -----BEGIN PRIVATE KEY-----MIIE
            server.ssl.certificate-private-key-password | changeit
            spring.ssl.bundle.pem.a.keystore.private-key | file://user:changeit@host/a.key
            spring.ssl.bundle.pem.a.keystore.private-key | https://host/a.key?token=changeit
            """)
    void keepSecrets(String setting, String value) {
        assertThat(description(new IllegalStateException("Error loading private key file"), setting, value))
                .contains(setting + " is set: ")
                .doesNotContain(value);
    }

    private static String description(Throwable failure, String setting, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        Map<String, Object> settings = Map.of(setting, value);
        ConfigurationPropertySources.attach(environment);
        environment
                .getPropertySources()
                .addFirst(
                        setting.contains(".")
                                ? new MapPropertySource(
                                        CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME, settings)
                                : new SystemEnvironmentPropertySource(
                                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, settings));

        FailureAnalysis analysis =
                new CulpritFailureAnalyzer(new DefaultListableBeanFactory(), environment).analyze(failure);

        return Objects.requireNonNull(analysis).getDescription();
    }
}
