package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What an id tells, and in which order ids are. */
class UserIdsTest {

    private static final Instant TIME = Instant.parse("2026-11-27T08:30:00.123456Z");

    @Test
    void anIdIsAUuidOfVersion7() {
        UUID id = UserIds.of(UserIds.time(TIME));

        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(TIME.toEpochMilli());
    }

    @Test
    void anIdTellsItsTime() {
        long time = UserIds.time(TIME);

        assertThat(UserIds.time(UserIds.of(time))).isEqualTo(time);
        assertThat(UserIds.instant(time)).isBetween(TIME.minus(1, ChronoUnit.MICROS), TIME);
    }

    @Test
    void idsAreInTheOrderOfTheirTimesAsTextToo() {
        UUID before = UserIds.FIRST;
        for (long time = UserIds.time(TIME), end = time + 3 * UserIds.UNITS_PER_MILLI; time < end; time += 7) {
            UUID id = UserIds.of(time);

            assertThat(id.toString()).isGreaterThan(before.toString());
            before = id;
        }
    }

    @Test
    void idsOfTheSameTimeDiffer() {
        assertThat(UserIds.of(1)).isNotEqualTo(UserIds.of(1));
    }
}
