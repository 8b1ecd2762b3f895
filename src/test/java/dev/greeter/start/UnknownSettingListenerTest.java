package dev.greeter.start;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;

/** Settings that nothing reads are warned of, or stop a strict start; those of others are neither. */
@ExtendWith(OutputCaptureExtension.class)
class UnknownSettingListenerTest {

    @ParameterizedTest
    @CsvSource({
        "SERVICE_LIMIT_MAXCONECTIONS, SERVICE_LIMIT_CONNECTIONS",
        "SERVICE_LIMIT_CONECTIONS, SERVICE_LIMIT_CONNECTIONS",
        "GRPC_SERVER_PROT, GRPC_SERVER_PORT",
        "GRPC_SERVR_PORT, GRPC_SERVER_PORT",
        "GRPC_CLIENT_GREETER_ADRESS, GRPC_CLIENT_GREETER_ADDRESS",
        "GREETER_CLIENT_TOKN, GREETER_CLIENT_TOKEN",
        "GREETER_SERVER_ACCESS_HELLOWORLD_GREETER_SAYHELLO, SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO",
        "SPRING_SECURITY_OAUTH2_RESOURCESERVER_JWT_AUDIENCE, SPRING_SECURITY_OAUTH2_RESOURCESERVER_JWT_AUDIENCES",
        "SERVER_SSL_CLIENTAUT, SERVER_SSL_CLIENTAUTH"
    })
    void aMisspeltVariableIsWarnedOf(String variable, String meant, CapturedOutput output) {
        ready(variable, "1");

        assertThat(output).contains("Unknown environment variable " + variable + "; did you mean " + meant + "?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GRPC_SERVER_PORT=9000",
                "GRPC_SERVER_MAXINBOUNDMESSAGESIZE=1MB",
                "GRPC_SERVER_MAX_INBOUND_MESSAGE_SIZE=1MB",
                "GRPC_SERVER_SECURITY_CIPHERS_0=x",
                "GRPC_CLIENT_OTHER_SECURITY_TRUSTSTORE=x",
                "SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO=open",
                "SERVICE_ACCESSLOG_ENABLED=yes",
                "GREETER_CLIENT_ENABLED=no",
                "GREETER_SERVICE_HOST=10.0.0.1",
                "GREETER_SERVICE_PORT_GRPC=50051",
                "GREETER_PORT=tcp://10.0.0.1:50051",
                "GREETER_PORT_50051_TCP_ADDR=10.0.0.1",
                "GRPC_SERVER_SERVICE_PORT=50051",
                "GRPC_ADDRESS=10.0.0.1:50051",
                "GRPC_PORT=50051",
                "GRPC_TRACE=all",
                "GRPC_XDS_BOOTSTRAP=/etc/xds.json",
                "GRPC_VERBOSITY=debug",
                "GRPC_DNS_RESOLVER=native",
                "SPRING_SECURITY_OAUTH2_RESOURCESERVER_JWT_AUDIENCES_0=x",
                "SERVER_SSL_CERTIFICATE_PRIVATE_KEY=x",
                "SERVER_SSL_CERT_FILE=x",
                "SERVICEX=1"
            })
    void variablesThatAreReadOrOfOthersAreNot(String variable, CapturedOutput output) {
        int end = variable.indexOf('=');
        ready(variable.substring(0, end), variable.substring(end + 1));

        assertThat(output).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "grpc.server.prot, grpc.server.port",
        "grpc.client.stock.adress, grpc.client.stock.address",
        "service.limit.conections, service.limit.connections",
        "service.limits.connections, service.limit.connections",
        "greeter.server.limit.connections, service.limit.connections",
        "spring.security.oauth2.resourceserver.jwt.audience, spring.security.oauth2.resourceserver.jwt.audiences",
        "spring.security.oauth2.resourceserver.jwt.issuer-url, spring.security.oauth2.resourceserver.jwt.issuer-uri",
        "management.server.ssl.client-aut, management.server.ssl.client-auth"
    })
    void aMisspeltSettingIsWarnedOfInALine(String name, String meant, CapturedOutput output) {
        event(UnknownSettingListenerTest::ready, file(name), commandLine("--" + name + "=1"));

        assertThat(output.toString().lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line)
                        .contains("Unknown setting " + name + " (line 1 of class path resource [application.yml])"
                                + "; did you mean " + meant + "?"))
                .anySatisfy(line -> assertThat(line)
                        .contains("Unknown setting " + name + " (the command line); did you mean " + meant + "?"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpc",
                "grpc.server",
                "grpc.server.security",
                "grpc.client.stock.security",
                "service",
                "service.tls",
                "service.web.cors",
                "service.access",
                "grpc.client.stock",
                "greeter.client"
            })
    void aValueOfAGroupIsWarnedOf(String group, CapturedOutput output) {
        event(UnknownSettingListenerTest::ready, file(group));

        assertThat(output.toString().lines())
                .singleElement(as(STRING))
                .contains(group + " (line 1 of class path resource [application.yml]) is a group of settings");
    }

    @Test
    void aListOfWhatHasOneValueIsWarnedOf(CapturedOutput output) {
        event(UnknownSettingListenerTest::ready, file("service.limit.connections[0]"));

        assertThat(output).contains("Unknown setting service.limit.connections[0] (line 1 of");
    }

    @Test
    void aMisspeltSettingInJsonIsWarnedOf(CapturedOutput output) {
        event(
                UnknownSettingListenerTest::ready,
                new MapPropertySource("spring.application.json", Map.of("service.limit.conections", 5)));

        assertThat(output)
                .contains("Unknown setting service.limit.conections", "did you mean service.limit.connections?");
    }

    @ParameterizedTest
    @CsvSource({"service.limit.conections, service.limit.connections", "GRPC_SERVER_PORT, grpc.server.port"})
    void aMisspeltSettingInATreeIsWarnedOf(String file, String meant, @TempDir Path tree, CapturedOutput output)
            throws IOException {
        Files.writeString(tree.resolve(file), "1");
        Files.writeString(tree.resolve("password"), "1");

        event(UnknownSettingListenerTest::ready, new ConfigTreePropertySource("tree", tree));

        assertThat(output.toString().lines())
                .singleElement(as(STRING))
                .contains("Unknown setting " + file + " (", "did you mean " + meant + "?");
    }

    @ParameterizedTest
    @CsvSource({
        "GRPC_SERVER_PORT, grpc.server.port",
        "SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO, service.access.helloworld.greeter.sayhello",
        "GREETER_CLIENT_TOKEN, greeter.client.token"
    })
    void theNameOfAVariableInAFileIsWarnedOf(String variable, String meant, CapturedOutput output) {
        event(UnknownSettingListenerTest::ready, file(variable), file("GREETER_COLOUR"));

        assertThat(output.toString().lines())
                .singleElement(as(STRING))
                .contains("Unknown setting " + variable + " (line 1 of", "did you mean " + meant + "?");
    }

    @Test
    void aSettingLikeNoOtherIsWarnedOf(CapturedOutput output) {
        event(UnknownSettingListenerTest::ready, file("grpc.server.colour"));

        assertThat(output).contains("Unknown setting grpc.server.colour (line 1 of class path resource");
    }

    @Test
    void misspeltSettingsStopAStrictStart(CapturedOutput output) {
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(() -> event(
                        UnknownSettingListenerTest::prepared,
                        commandLine("--service.strict=true", "--service.limit.conections=1"),
                        file("grpc.server.prot"),
                        variables("GRPC_SERVER_ADRESS", "1")))
                .withMessageContainingAll(
                        "service.limit.conections (the command line)",
                        "grpc.server.prot (line 1 of",
                        "GRPC_SERVER_ADRESS; did you mean GRPC_SERVER_ADDRESS?");
        assertThat(output).isEmpty();
    }

    @Test
    void settingsThatExistStopNoStart(CapturedOutput output) {
        List<Function<ConfigurableApplicationContext, SpringApplicationEvent>> events =
                List.of(UnknownSettingListenerTest::prepared, UnknownSettingListenerTest::ready);
        for (var event : events) {
            event(
                    event,
                    commandLine("--service.strict=true"),
                    file("service.access[a.B/C]"),
                    file("grpc.client.stock.address"),
                    file("spring.unknown"),
                    file("spring.security.oauth2.resourceserver.jwt.jws-algorithms[0]"),
                    file("server.ssl.server-name-bundles[0].bundle"),
                    file("services.mine"));
        }
        assertThat(output).isEmpty();
    }

    private static void ready(String variable, String value) {
        event(UnknownSettingListenerTest::ready, variables(variable, value));
    }

    private static SpringApplicationEvent ready(ConfigurableApplicationContext context) {
        return new ApplicationReadyEvent(new SpringApplication(), new String[0], context, null);
    }

    private static SpringApplicationEvent prepared(ConfigurableApplicationContext context) {
        return new ApplicationPreparedEvent(new SpringApplication(), new String[0], context);
    }

    private static void event(
            Function<ConfigurableApplicationContext, SpringApplicationEvent> event, PropertySource<?>... settings) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            MutablePropertySources sources = context.getEnvironment().getPropertySources();
            List.of("systemProperties", "systemEnvironment").forEach(sources::remove);
            List.of(settings).forEach(sources::addLast);
            new UnknownSettingListener().onApplicationEvent(event.apply(context));
        }
    }

    private static PropertySource<?> variables(String name, String value) {
        return new SystemEnvironmentPropertySource("systemEnvironment", Map.of(name, value));
    }

    private static PropertySource<?> commandLine(String... options) {
        return new SimpleCommandLinePropertySource(options);
    }

    private static PropertySource<?> file(String name) {
        TextResourceOrigin firstLine =
                new TextResourceOrigin(new ClassPathResource("application.yml"), new TextResourceOrigin.Location(0, 0));
        return new OriginTrackedMapPropertySource(
                "file with " + name, Map.of(name, OriginTrackedValue.of("1", firstLine)));
    }
}
