package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.mock.env.MockEnvironment;

class SettingGroupsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "service.access[a.B/C]",
                "service.access-log.enabled",
                "service.certificates[CN=a].[0]",
                "service.deadline.max",
                "service.drain.delay",
                "service.limit.connections",
                "service.reflection",
                "service.tls.reload",
                "service.tokens.max-size",
                "service.workers.max-calls"
            })
    void aSettingOfAGroupIsAccepted(String name) {
        assertThatCode(() -> SettingGroups.check(new MockEnvironment().withProperty(name, "1")))
                .doesNotThrowAnyException();
    }

    @Test
    void aSettingOfAMisspeltGroupStopsTheStart() {
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() ->
                        SettingGroups.check(new MockEnvironment().withProperty("service.limits.connections", "1")))
                .havingRootCause()
                .withMessageContaining("service.limits.connections");
    }
}
