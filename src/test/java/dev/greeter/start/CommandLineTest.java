package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.start.CommandLine.Answer;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "-help", "-?"})
    void helpIsAnswered(String option) throws IOException {
        assertThat(CommandLine.to("Greeter", new String[] {"--grpc.server.port=0", option}))
                .hasValueSatisfying(answer -> {
                    assertThat(answer.exitCode()).isZero();
                    assertThat(answer.text())
                            .contains("--spring.profiles.active=client", "--greeter.client.token", "--version");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "-v", "-version"})
    void theVersionIsAnswered(String option) throws IOException {
        assertThat(CommandLine.to("Greeter", new String[] {option})).hasValueSatisfying(answer -> {
            assertThat(answer.exitCode()).isZero();
            assertThat(answer.text()).matches("Greeter .+, Spring Boot 4\\..+, Java .+\n");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
                    --port               | 9000   | did you mean --grpc.server.port=9000?
                    --port=9000          | none   | did you mean --grpc.server.port=9000?
                    -port                | 9000   | did you mean --grpc.server.port=9000?
                    -p                   | 9000   | unknown option -p
                    --token=x            | none   | did you mean --greeter.client.token=x?
                    --address=x          | none   | did you mean --grpc.
                    --timeout=1s         | none   | did you mean --greeter.client.timeout=1s?
                    --profile            | client | did you mean --spring.profiles.active=client?
                    --grpc.sever.port=1  | none   | did you mean --grpc.server.port=1?
                    --grpc.server.prot=1 | none   | did you mean --grpc.server.port=1?
                    --grcp.server.port=1 | none   | did you mean --grpc.server.port=1?
                    --GRPC_SERVER_PORT=1 | none   | did you mean --grpc.server.port=1?
                    --server.prot=1      | none   | did you mean --server.port=1?
                    --spring.profile.active=client      | none | did you mean --spring.profiles.active=client?
                    --spring.datasource.ulr=x           | none | did you mean --spring.datasource.url=x?
                    --service.limt.connections=1        | none | did you mean --service.limit.connections=1?
                    --managment.server.port=1           | none | did you mean --management.server.port=1?
                    --loging.level.root=debug           | none | did you mean --logging.level.root=debug?
                    --greeter.client.timout=1s          | none | did you mean --greeter.client.timeout=1s?
                    --grpc.client.greeter.adress=x      | none | did you mean --grpc.client.greeter.address=x?
                    --grpc.client.greeter.security.trust-cert=x | none | did you mean --grpc.client.greeter.security.trust-cert-collection=x?
                    --grpc.client.greeter.security.x=x  | none | unknown option --grpc.client.greeter.security.x
                    --something                         | none | unknown option --something
                    --something=x                       | none | unknown option --something
                    --grpc.server.port                  | 9000 | write --grpc.server.port=9000
                    --grpc.server.port                  | none | write --grpc.server.port=VALUE
                    --my.own                            | x    | unknown option --my.own
                    --service.certificates.[CN=a]=users.read | none | contains an equals sign, which ends it; set it in a file
                    grpc.server.port=9000               | none | begins with two dashes: --grpc.server.port=9000
                    -Dgrpc.server.port=9000             | none | did you mean --grpc.server.port=9000?
                    """)
    void anOptionThatNothingReadsIsRefusedWithTheNearestOne(String option, String next, String message)
            throws IOException {
        String[] arguments = next == null ? new String[] {option} : new String[] {option, next};
        assertThat(CommandLine.to("Greeter", arguments)).hasValueSatisfying(answer -> {
            assertThat(answer.exitCode()).isEqualTo(1);
            assertThat(answer.text()).startsWith("Greeter: ").contains(message).hasLineCount(1);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--debug",
                "--trace",
                "--debug=true",
                "--grpc.server.port=0",
                "--grpc.server.maxInboundMessageSize=1MB",
                "--grpc.server.security.client-auth=REQUIRE",
                "--grpc.client.GLOBAL.negotiation-type=tls",
                "--grpc.client.other.address=localhost:1",
                "--grpc.client.other.security.trust-store=x",
                "--grpc.client.other.security.key-store-password=x",
                "--grpc.client.other.security.trust-cert-collection=x",
                "--greeter.client.token=",
                "--service.access[helloworld.Greeter/SayHello]=open",
                "--service.certificates.[client.example.org]=users.read",
                "--spring.profiles.active=client",
                "--spring.profiles.active[0]=client",
                "--spring.config.additional-location=file:x",
                "--spring.datasource.hikari.maximum-pool-size=3",
                "--spring.main.banner-mode=off",
                "--spring.application.json={}",
                "--spring.unheard-of.by-us=x",
                "--server.ssl.bundle=x",
                "--server.port=-1",
                "--management.health.my-own.enabled=false",
                "--management.metrics.enable.jvm=false",
                "--management.metrics.distribution.slo[grpc.server.processing.duration]=1ms",
                "--management.otlp.metrics.export.url=http://localhost:4318",
                "--management.endpoint.grpc.access=none",
                "--logging.level.dev.greeter=debug",
                "--logging.level.io.grpc=off",
                "--logging.structured.format.console=ecs",
                "--info.app.name=x",
                "--my.own.setting=x",
                "Ada",
                "a=b",
                "Zoë 李"
            })
    void whatSpringTheStartersOrTheApplicationReadIsTaken(String option) throws IOException {
        assertThat(CommandLine.to("Greeter", new String[] {option})).isEmpty();
    }

    @Test
    void aNameThatBeginsWithADashStandsAfterTwo() throws IOException {
        assertThat(CommandLine.to("Greeter", new String[] {"--debug", "--", "-h", "--port"}))
                .isEmpty();
    }

    @Test
    void helpIsAnsweredBesideAMistake() throws IOException {
        assertThat(CommandLine.to("Greeter", new String[] {"--port", "9000", "--help"}))
                .map(Answer::exitCode)
                .contains(0);
    }
}
