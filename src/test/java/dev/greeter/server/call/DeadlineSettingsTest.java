package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** A default that is longer than the longest deadline is refused if somebody has set it. */
class DeadlineSettingsTest {

    private final DeadlineSettings settings = new DeadlineSettings(
            Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofHours(1));

    @Test
    void aDefaultThatIsSetMayNotBeLongerThanTheLongestDeadline() {
        MockEnvironment environment = new MockEnvironment().withProperty("service.deadline.default", "30s");

        assertThatThrownBy(() -> settings.requireEffect(environment))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("service.deadline.default has no effect")
                .hasMessageContaining("service.deadline.max, which is 10 s");
    }

    @Test
    void theLongestDeadlineMayBeShorterThanTheUsualDefault() {
        assertThatCode(() -> settings.requireEffect(new MockEnvironment())).doesNotThrowAnyException();
    }

    @Test
    void aDeadlineThatNoTimerCanWaitForIsRefused() {
        Duration second = Duration.ofSeconds(1);

        assertThatThrownBy(() -> new DeadlineSettings(second, second, second, Duration.ofDays(99_999_999_999L)))
                .hasMessageContaining("must be at most 876000h");
    }
}
