package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import org.junit.jupiter.api.Test;

/** What a service serves. */
class ServiceDefinitionsTest {

    @Test
    void aMockOfAServiceIsNamed() {
        assertThatThrownBy(() -> ServiceDefinitions.of(() -> null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("its bindService() returned null");
    }
}
