package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

/** Settings of TLS that would protect nothing stop the start. */
class TlsEffectTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    grpc.server.security.certificate-chain=a grpc.server.security.private-key=b | certificate-chain, grpc.server.security.private-key have no effect: grpc.server.security.enabled is not true
                    grpc.server.security.key-store=a                                            | key-store has no effect: grpc.server.security.enabled is not true
                    grpc.server.security.client-auth=REQUIRE                                    | client-auth has no effect: grpc.server.security.enabled is not true
                    grpc.server.security.ciphers[0]=a                                           | ciphers has no effect: grpc.server.security.enabled is not true
                    service.strict=true                                                         | grpc.server.security.enabled is not set, and the server would speak plaintext
                    service.tls.reload=1m                                                       | service.tls.reload has no effect: grpc.server.security.enabled is not true
                    grpc.server.security.enabled=true grpc.server.security.trust-store=a        | trust-store has no effect: grpc.server.security.client-auth is not set
                    management.server.ssl.certificate=a                                         | management.server.ssl.certificate has no effect: the management server has no port of its own
                    management.server.ssl.bundle=a management.server.port=1 server.port=1       | management.server.ssl.bundle has no effect: the management server has no port of its own
                    grpc.server.security.enabled=true service.certificates[CN=a]=users.read     | service.certificates[CN=a] has no effect: grpc.server.security.client-auth is not set
                    grpc.server.security.enabled=true grpc.server.security.private-key=a grpc.server.security.key-store=b | security.private-key cannot be combined with grpc.server.security.key-store
                    grpc.server.security.enabled=true grpc.server.security.client-auth=REQUIRE grpc.server.security.trust-cert-collection=a grpc.server.security.trust-store=b | trust-cert-collection cannot be combined with grpc.server.security.trust-store
                    server.ssl.certificate=a server.ssl.certificate-private-key=b server.ssl.key-store=c | server.ssl.certificate, server.ssl.certificate-private-key cannot be combined with server.ssl.key-store
                    service.certificates.batch.example.org=users.read                           | service.certificates.batch.example.org has no effect: grpc.server.security.client-auth is not set
                    server.ssl.trust-certificate=a server.ssl.trust-store=b                     | server.ssl.trust-certificate cannot be combined with server.ssl.trust-store
                    management.server.port=1 server.port=2 management.server.ssl.bundle=a management.server.ssl.trust-store=b | management.server.ssl.bundle cannot be combined with management.server.ssl.trust-store
                    grpc.server.security.enabled=true grpc.server.security.client-auth=REQUIRE  | client-auth is REQUIRE, but no authority is trusted
                    grpc.server.security.enabled=true grpc.server.security.client-auth=optional | client-auth is optional, but no authority is trusted
                    """)
    void whatHasNoEffectIsNamed(String settings, String problem) {
        assertThatThrownBy(() -> check(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpc.server.security.enabled=true grpc.server.security.certificate-chain=a",
                "grpc.server.security.enabled=false grpc.server.security.certificate-chain=a service.tls.reload=1m",
                "grpc.server.security.enabled=true grpc.server.security.client-auth=NONE grpc.server.security.trust-store=a",
                "grpc.server.security.enabled=true grpc.server.security.client-auth=OPTIONAL grpc.server.security.trust-store=a service.certificates[CN=a]=b",
                "grpc.server.security.enabled=false grpc.server.security.client-auth=REQUIRE grpc.server.security.certificate-chain=a grpc.server.security.key-store=a",
                "server.ssl.certificate=a server.ssl.key-store=a server.ssl.enabled=false",
                "grpc.server.port=-1 grpc.server.security.certificate-chain=a",
                "service.strict=true grpc.server.security.enabled=false",
                "service.strict=true grpc.server.port=-1",
                "management.server.ssl.certificate=a management.server.port=1 server.port=2",
                "management.server.ssl.certificate=a management.server.ssl.enabled=false",
                "server.ssl.certificate=a",
                "grpc.server.port=50051"
            })
    void whatHasEffectOrIsTurnedOffIsAccepted(String settings) {
        assertThatCode(() -> check(settings)).doesNotThrowAnyException();
    }

    private static void check(String settings) {
        MockEnvironment environment = new MockEnvironment();
        Arrays.stream(settings.split(" ")).forEach(setting -> {
            int end = setting.lastIndexOf('=');
            environment.setProperty(setting.substring(0, end), setting.substring(end + 1));
        });
        TlsEffect.check(environment);
    }
}
