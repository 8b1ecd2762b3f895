package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.service.Refusals;
import dev.greeter.start.SettingException;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.TestIssuer;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** The effects of security settings, and the settings that stop the start. */
@ExtendWith(OutputCaptureExtension.class)
class SecurityConfigurationTest {

    private static final String JWT = "spring.security.oauth2.resourceserver.jwt.";

    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withUserConfiguration(SecurityAutoConfiguration.class)
            .withConfiguration(AutoConfigurations.of(TokenAutoConfiguration.class))
            .withBean(Refusals.class, () -> new Refusals(new SimpleMeterRegistry()));

    @Test
    void aServedMethodThatTheTableDoesNotKnowStopsTheStart() {
        context.withUserConfiguration(Service.class)
                .withPropertyValues("service.access[helloworld.Greeter/SayHello]=open")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("service.access")
                        .hasMessageContaining("\"[helloworld.Greeter/SayHelloBidiStream]\"")
                        .hasMessageNotContaining("Greeter/SayHello]")
                        .extracting(failure -> ((SettingException) failure).remedy())
                        .asString()
                        .endsWith("""

                                service:
                                  access:
                                    "[helloworld.Greeter/SayHelloBidiStream]": authenticated
                                    "[helloworld.Greeter/SayHelloStreamReply]": authenticated
                                    "[helloworld.Greeter/SayHelloStreamRequest]": authenticated
                                """));
    }

    @Test
    void anEntryOfTheTableForAMethodThatIsNotServedStopsTheStart() {
        context.withUserConfiguration(Service.class)
                .withBean(GrpcServerProperties.class)
                .withPropertyValues(served())
                .withPropertyValues(
                        "service.access[helloworld.Greeter/sayHello]=scope:greet",
                        "service.access[helloworld.Greter/SayHello]=scope:greet",
                        "service.access[users.v1.UserService/GetUser]=open")
                .run(started -> assertThat(started)
                        .getFailure()
                        .isInstanceOf(SettingException.class)
                        .hasMessage("service.access says who may call \"[helloworld.Greeter/sayHello]\" (did you mean"
                                + " \"[helloworld.Greeter/SayHello]\"?), \"[helloworld.Greter/SayHello]\" (did you mean"
                                + " \"[helloworld.Greeter/SayHello]\"?), \"[users.v1.UserService/GetUser]\", but no such"
                                + " method is served."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "helloworld.*", "helloworld.Greeter/*", "helloworld.Greeter"})
    void anEntryOfTheTableForSeveralMethodsStopsTheStart(String methods) {
        servedWith(Map.of())
                .withPropertyValues("service.access[" + methods + "]=authenticated")
                .run(started -> assertThat(started)
                        .getFailure()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContainingAll("\"[" + methods + "]\"", "but no such method is served"));
    }

    @Test
    void anEntryOfTheTableLikeNoServedMethodIsWarnedOfInALine(CapturedOutput output) {
        servedWith(Map.of())
                .withPropertyValues("service.access[a.B/C]=open", "service.access[d.E/F]=open")
                .run(started -> assertThat(started).hasNotFailed());

        assertThat(output.toString().lines())
                .filteredOn(line -> line.contains("WARN") && line.contains("service.access"))
                .singleElement()
                .asString()
                .contains("\"[a.B/C]\", \"[d.E/F]\", but no such method is served. Correct the name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                JWT + "issuer-uri=https://issuer.example.org | \"[a.B/C]\", but no such method is served",
                "service.reflection=off                      | No issuer of tokens is set"
            })
    void aStrictStartAcceptsNeither(String setting, String problem) {
        servedWith(Map.of())
                .withPropertyValues("service.strict=true", "service.access[a.B/C]=open", setting)
                .run(started -> assertThat(NestedExceptionUtils.getMostSpecificCause(
                                Objects.requireNonNull(started.getStartupFailure())))
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining(problem));
    }

    @Test
    void aVariableDecidesAboutAMethodWhateverFilesSay() {
        servedWith(Map.of("SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO", "authenticated"))
                .run(started -> assertThat(access(started)).isEqualTo("authenticated"));
    }

    @Test
    void theCommandLineDecidesBeforeAVariable() {
        servedWith(Map.of("SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO", "authenticated"))
                .withInitializer(started -> started.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SimpleCommandLinePropertySource(
                                "--service.access[helloworld.Greeter/SayHello]=scope:greet")))
                .run(started -> assertThat(access(started)).isEqualTo("scope:greet"));
    }

    @Test
    void aVariableForAMethodThatIsNotServedStopsTheStart() {
        servedWith(Map.of("SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELO", "authenticated"))
                .run(started -> assertThat(started)
                        .getFailure()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("\"[helloworld.greeter.sayhelo]\" (did you mean"
                                + " \"[helloworld.Greeter/SayHello]\"?)"));
    }

    @Test
    void aValueOfTheTableItselfStopsTheStart() {
        servedWith(Map.of("SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO", "open"))
                .withPropertyValues("service.access=authenticated")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageStartingWith("service.access has no effect: it is a table"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "service.access.helloworld.Greeter/SayHello, service.access[PACKAGE.SERVICE/METHOD]",
                "service.access.helloworld.Greeter.SayHello, service.access[PACKAGE.SERVICE/METHOD]",
                "service.access[helloworld.Greeter].SayHello, service.access[PACKAGE.SERVICE/METHOD]",
                "service.access[helloworld.Greeter/SayHello].scope, service.access[PACKAGE.SERVICE/METHOD]",
                "service.access[helloworld.Greeter/SayHello][0], service.access[PACKAGE.SERVICE/METHOD]",
                "service.certificates.CN=a, service.certificates[CN=",
                "service.certificates.spiffe://a/b[0], service.certificates[CN="
            })
    void aKeyThatWouldBeLeftOutStopsTheStart(String name, String written) {
        servedWith(Map.of("SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO", "open"))
                .withInitializer(started -> started.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("test", Map.of(name, "authenticated"))))
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOfSatisfying(
                                SettingException.class,
                                failure -> assertThat(failure.remedy()).contains(written))
                        .hasMessageStartingWith(name + " has no effect"));
    }

    @Test
    void aKeyMayHaveADotBeforeItsBrackets() {
        servedWith(Map.of())
                .withPropertyValues("service.access.[helloworld.Greeter/SayHello]=authenticated")
                .run(started -> assertThat(
                                started.getBean(SecuritySettings.class).access())
                        .containsKey("helloworld.Greeter/SayHello"));
    }

    @Test
    void aVariableNamesACertificateByItsDnsName() {
        servedWith(Map.of(
                        "SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO", "authenticated",
                        "SERVICE_CERTIFICATES_BATCH_EXAMPLE_ORG", "users.read,users.write"))
                .run(started -> assertThat(
                                started.getBean(SecuritySettings.class).certificates())
                        .containsEntry("batch.example.org", Set.of("users.read", "users.write")));
    }

    private ApplicationContextRunner servedWith(Map<String, Object> variables) {
        return context.withUserConfiguration(Service.class)
                .withBean(GrpcServerProperties.class)
                .withInitializer(started -> {
                    MutablePropertySources sources = started.getEnvironment().getPropertySources();
                    sources.addFirst(new MapPropertySource(
                            "a file",
                            Arrays.stream(served())
                                    .collect(Collectors.toMap(line -> line.replace("=open", ""), line -> "open"))));
                    sources.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables));
                });
    }

    private static String access(ApplicationContext started) {
        return started.getBean(AuthorizationRules.class).describe(GreeterGrpc.getSayHelloMethod());
    }

    @Test
    void aMockOfAServiceIsNamed() {
        context.withUserConfiguration(MockedService.class)
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("The service NoDefinition has no methods")
                        .hasMessageContaining("mock"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwt.audiences=greeter", "jwt.authority-prefix=x", "opaquetoken.client-id=x"})
    void settingsOfTokensWithoutAnIssuerStopTheStart(String setting) {
        String name = "spring.security.oauth2.resourceserver." + setting.substring(0, setting.indexOf('='));
        context.withPropertyValues("spring.security.oauth2.resourceserver." + setting)
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining(name + " has no effect: no issuer of tokens is set"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwt.public-key-location=classpath:key.pem", "opaquetoken.introspection-uri=https://x"})
    void settingsOfTokensThatTheIssuerReplacesStopTheStart(String setting) {
        String prefix = "spring.security.oauth2.resourceserver.";
        context.withPropertyValues(prefix + setting, prefix + "jwt.issuer-uri=https://localhost:1")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining(
                                prefix + setting.substring(0, setting.indexOf('=')) + " has no effect: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"users.read users.write", "users.\"read\"", "a\\b", "a;b"})
    void aScopeThatNoTokenCanHaveStopsTheStart(String scope) {
        context.withPropertyValues("service.certificates[client.test]=" + scope)
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(SettingException.class)
                        .hasMessageContaining("service.certificates gives \"client.test\" the scope \"" + scope));
        context.withPropertyValues("service.access[a.B/C]=scope:" + scope)
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("\"scope:" + scope + "\" is not open"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"scope:a,scope:b", "scope:a,b", "scope:a|b", "scope:scope:a"})
    void aRuleWithSeveralScopesStopsTheStart(String rule) {
        context.withPropertyValues("service.access[a.B/C]=" + rule)
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("\"" + rule + "\" is not open, authenticated or scope:NAME"));
    }

    @Test
    void aTestOfSomeServicesMayHaveTheWholeTable() {
        context.withUserConfiguration(Service.class)
                .withBean(GrpcServerProperties.class, () -> {
                    GrpcServerProperties inProcess = new GrpcServerProperties();
                    inProcess.setPort(-1);
                    return inProcess;
                })
                .withPropertyValues(served())
                .withPropertyValues("service.access[users.v1.UserService/GetUser]=open")
                .run(started -> assertThat(started).hasNotFailed());
    }

    private static String[] served() {
        return new EchoGreeter()
                .bindService().getMethods().stream()
                        .map(method ->
                                "service.access[" + method.getMethodDescriptor().getFullMethodName() + "]=open")
                        .toArray(String[]::new);
    }

    @Test
    void anEntryOfTheTableThatSaysNothingKnownStopsTheStart() {
        context.withPropertyValues("service.access[helloworld.Greeter/SayHello]=opne")
                .run(started -> assertThat(started)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("\"opne\" is not open, authenticated or scope:NAME"));
    }

    @Test
    void withoutAnIssuerThereIsOneTokenWithEveryScopeOfTheTable(CapturedOutput output) {
        context.withPropertyValues("service.access[a.B/C]=scope:one", "service.access[a.B/D]=scope:another")
                .run(started -> {
                    DevelopmentIssuer issuer = started.getBean(DevelopmentIssuer.class);
                    assertThat(output).contains(issuer.token()).contains(String.valueOf(issuer.expiry()));
                    assertThat(started.getBean(JwtDecoder.class)
                                    .decode(issuer.token())
                                    .getClaimAsString("scope"))
                            .isEqualTo("actuator another one");
                });
    }

    @Test
    void withAnIssuerThereIsNoDevelopmentToken(CapturedOutput output) {
        context.withPropertyValues(JWT + "issuer-uri=https://localhost:1", JWT + "audiences=greeter")
                .run(started -> {
                    assertThat(started).doesNotHaveBean(CallCredentials.class).hasSingleBean(JwtDecoder.class);
                    assertThat(output).doesNotContain("token");
                });
    }

    @Test
    void aDecoderOfTheApplicationsOwnTakesThePlaceOfTheDevelopmentToken(CapturedOutput output) {
        JwtDecoder own = token ->
                Jwt.withTokenValue(token).header("alg", "none").subject("own").build();
        context.withBean("jwtDecoder", JwtDecoder.class, () -> own).run(started -> {
            assertThat(started).doesNotHaveBean(CallCredentials.class);
            assertThat(started.getBean(JwtDecoder.class)).isSameAs(own);
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer token");
            assertThat(started.getBean(CallerCredentials.class)
                            .verify(Attributes.EMPTY, headers)
                            .authentication()
                            .getName())
                    .isEqualTo("own");
            assertThat(output).doesNotContain("development token");
        });
    }

    @Test
    void anIssuerWithoutAudienceIsWarnedOf(CapturedOutput output) {
        context.withPropertyValues(JWT + "issuer-uri=https://localhost:1")
                .run(started -> assertThat(output).contains(JWT + "audiences is not set"));
    }

    @Test
    void keysAreTakenFromTheirOwnAddressAndTheIssuerComparedAllTheSame() {
        try (TestIssuer issuer = new TestIssuer()) {
            context.withPropertyValues(
                            JWT + "jwk-set-uri=" + issuer.keysUri(),
                            JWT + "issuer-uri=" + issuer.uri(),
                            JWT + "audiences=greeter")
                    .run(started -> assertThat(started.getBean(JwtDecoder.class)
                                    .decode(issuer.token("greet"))
                                    .getSubject())
                            .isEqualTo("caller"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "issuer-uri, localhost, issuer-uri",
        "jwk-set-uri, ftp://localhost, jwk-set-uri",
        "public-key-location, classpath:application.yml, public-key-location",
        "public-key-location, file:missing.pem, public-key-location"
    })
    void aWrongSettingStopsTheStartByItsName(String name, String value, String named) {
        context.withPropertyValues(JWT + name + "=" + value)
                .run(started -> assertThat(started).getFailure().hasStackTraceContaining(JWT + named));
    }

    @ParameterizedTest
    @CsvSource({
        "service.reflection=open, true",
        "service.reflection=authenticated, true",
        "service.reflection=off, false",
        "service.reflection=false, false",
        "grpc.server.reflection-service-enabled=false, false"
    })
    void reflectionIsServedUnlessItIsOff(String setting, boolean served) {
        new ApplicationContextRunner()
                .withUserConfiguration(Reflection.class)
                .withPropertyValues(setting)
                .run(started -> assertThat(started.containsBean("reflection")).isEqualTo(served));
    }

    @Configuration(proxyBeanMethods = false)
    static class Service {

        @Bean
        @GrpcService
        BindableService greeter() {
            return new GreeterGrpc.GreeterImplBase() {};
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class MockedService {

        @Bean
        @GrpcService
        BindableService greeter() {
            return new NoDefinition();
        }
    }

    /** As a mock answers. */
    private static final class NoDefinition implements BindableService {

        @Override
        @SuppressWarnings("NullAway")
        public ServerServiceDefinition bindService() {
            return null;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Reflection {

        @Bean
        @Conditional(ReflectionAutoConfiguration.ReflectionOn.class)
        String reflection() {
            return "served";
        }
    }
}
