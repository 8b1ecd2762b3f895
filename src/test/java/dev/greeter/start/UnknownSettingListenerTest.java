package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Variables that nothing reads are warned of, those of others are not. */
@ExtendWith(OutputCaptureExtension.class)
class UnknownSettingListenerTest {

    @ParameterizedTest
    @CsvSource({
        "SERVICE_LIMIT_MAXCONECTIONS, SERVICE_LIMIT_CONNECTIONS",
        "SERVICE_LIMIT_CONECTIONS, SERVICE_LIMIT_CONNECTIONS",
        "GRPC_SERVER_PROT, GRPC_SERVER_PORT",
        "GRPC_CLIENT_GREETER_ADRESS, GRPC_CLIENT_GREETER_ADDRESS",
        "GREETER_CLIENT_TOKN, GREETER_CLIENT_TOKEN"
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
                "GRPC_TRACE=all",
                "SERVICEX=1"
            })
    void variablesThatAreReadOrOfOthersAreNot(String variable, CapturedOutput output) {
        int end = variable.indexOf('=');
        ready(variable.substring(0, end), variable.substring(end + 1));

        assertThat(output).isEmpty();
    }

    private static void ready(String variable, String value) {
        try (GenericApplicationContext context = new GenericApplicationContext()) {
            MutablePropertySources sources = context.getEnvironment().getPropertySources();
            sources.remove("systemProperties");
            sources.replace(
                    "systemEnvironment",
                    new SystemEnvironmentPropertySource("systemEnvironment", Map.of(variable, value)));
            new UnknownSettingListener()
                    .onApplicationEvent(
                            new ApplicationReadyEvent(new SpringApplication(), new String[0], context, null));
        }
    }
}
