package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

/** The meaning of empty settings, and of booleans in another notation than true and false. */
class ReadSettingsTest {

    private final StandardEnvironment environment = new StandardEnvironment();

    @Test
    void anEmptyVariableCountsAsNone() {
        read(variables(Map.of("GREETER_CLIENT_TOKEN", "", "GRPC_SERVER_ADDRESS", "")), yaml("""
                        grpc.server.address: 127.0.0.1
                        """));

        assertThat(environment.containsProperty("greeter.client.token")).isFalse();
        assertThat(environment.getProperty("grpc.server.address")).isEqualTo("127.0.0.1");
        assertThat(Binder.get(environment)
                        .bind("grpc.server.address", String.class)
                        .get())
                .isEqualTo("127.0.0.1");
    }

    @Test
    void whatTheApplicationReadsBesideSettingsMayBeEmpty() {
        read(variables(Map.of("TABLE_PREFIX", "", "MY_SERVICE_SUFFIX", "")), yaml("table.suffix: ''"));

        assertThat(environment.getProperty("TABLE_PREFIX")).isEmpty();
        assertThat(environment.getProperty("MY_SERVICE_SUFFIX")).isEmpty();
        assertThat(environment.getProperty("table.suffix")).isEmpty();
    }

    @Test
    void anEmptyArgumentCountsAsNoneAndTheOthersStay() {
        read(
                new SimpleCommandLinePropertySource(
                        "--spring.datasource.url=", "--grpc.server.port=1", "--debug", "Ada", "Grace"),
                yaml("spring.datasource.url: jdbc:h2:mem:x"));

        assertThat(environment.getProperty("spring.datasource.url")).isEqualTo("jdbc:h2:mem:x");
        assertThat(environment.getProperty("grpc.server.port")).isEqualTo("1");
        assertThat(environment.getProperty("debug")).isEqualTo("true");
        assertThat(environment.getProperty("nonOptionArgs")).isEqualTo("Ada,Grace");
    }

    @Test
    void anEmptyValueOfAFileCountsAsNone() {
        read(yaml("""
                        greeter:
                          client:
                            token: ""
                            token-file:
                            timeout: ${TIMEOUT:}
                        """), yaml("greeter.client.timeout: 5s"));

        assertThat(environment.containsProperty("greeter.client.token")).isFalse();
        assertThat(environment.containsProperty("greeter.client.token-file")).isFalse();
        assertThat(Binder.get(environment)
                        .bind("greeter.client.timeout", Duration.class)
                        .get())
                .isEqualTo(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"management.endpoints.web.exposure.include", "spring.autoconfigure.exclude"})
    void anEmptyListOfAFileIsAValueAndAnEmptyVariableIsNot(String list) {
        String variable = list.toUpperCase(Locale.ROOT).replace('.', '_');
        read(variables(Map.of(variable, "")), yaml(list + ": []"), yaml(list + ": health, info"));
        assertThat(list(list)).isEmpty();

        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        read(variables(Map.of(variable, "")), yaml(list + ": health, info"));
        assertThat(list(list)).containsExactly("health", "info");
    }

    private List<String> list(String name) {
        return Binder.get(environment).bind(name, Bindable.listOf(String.class)).get();
    }

    @ParameterizedTest
    @CsvSource({"yes, true", "on, true", "1, true", "TRUE, true", "no, false", "off, false", "0, false", "Off, false"})
    void aSwitchThatAConditionComparesWithATextIsBound(String written, String expected) {
        read(
                variables(Map.of("GRPC_SERVER_HEALTHSERVICEENABLED", written, "DEBUG", written)),
                new SimpleCommandLinePropertySource("--service.security.enabled=" + written),
                yaml("service.access-log.enabled: '" + written + "'"));

        assertThat(List.of(
                        "grpc.server.health-service-enabled",
                        "debug",
                        "service.security.enabled",
                        "service.access-log.enabled"))
                .extracting(environment::getProperty)
                .containsOnly(expected);
    }

    @Test
    void aSwitchKeepsItsOrigin() {
        read(variables(Map.of("SERVICE_ACCESSLOG_ENABLED", "yes")));

        assertThat(SettingOrigin.ofNamed("service.access-log.enabled", environment))
                .isEqualTo("\n    service.access-log.enabled: the environment variable SERVICE_ACCESSLOG_ENABLED");
    }

    @ParameterizedTest
    @CsvSource({
        "SERVICE_LIMIT_ENABLED, service.limit.enabled",
        "SPRING_FLYWAY_ENABLED, spring.flyway.enabled",
        "GRPC_SERVER_SECURITY_ENABLED, grpc.server.security.enabled"
    })
    void aSwitchThatIsNoBooleanIsRefused(String variable, String name) {
        assertThatThrownBy(() -> read(variables(Map.of(variable, "tru")), yaml("service.web.enabled: true")))
                .isInstanceOf(SettingException.class)
                .hasMessage(name + " is \"tru\", which is neither true nor false.\n    " + name
                        + ": the environment variable " + variable);
    }

    @Test
    void aSettingOfTheApplicationsOwnMayBeNoBoolean() {
        read(yaml("shop.payment.enabled: sometimes"));

        assertThat(environment.getProperty("shop.payment.enabled")).isEqualTo("sometimes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"greeter:*", "${debug}"})
    void aVariableOfAnotherProgramIsLeftAlone(String written) {
        read(new MapPropertySource("test", Map.of("debug", written)));

        assertThat(Objects.requireNonNull(environment.getPropertySources().get("test"))
                        .getProperty("debug"))
                .isEqualTo(written);
    }

    private void read(PropertySource<?>... sources) {
        for (String name : List.of("systemEnvironment", "systemProperties")) {
            environment.getPropertySources().remove(name);
        }
        List.of(sources).forEach(environment.getPropertySources()::addLast);
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("name", Map.of("spring.application.name", "greeter")));
        SpringApplication application = new SpringApplication();
        new EmptySettings().postProcessEnvironment(environment, application);
        ConfigurationPropertySources.attach(environment);
        new ReadSettings().postProcessEnvironment(environment, application);
    }

    private static PropertySource<?> variables(Map<String, Object> variables) {
        return new SystemEnvironmentPropertySource("systemEnvironment", variables);
    }

    private static PropertySource<?> yaml(String text) {
        try {
            return new YamlPropertySourceLoader()
                    .load("yaml-" + text.hashCode(), new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)))
                    .get(0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
