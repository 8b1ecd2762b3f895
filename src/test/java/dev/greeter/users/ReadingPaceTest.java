package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A simulated client, which reopens its window whenever it has read half of it. */
class ReadingPaceTest {

    private static final int MESSAGE = 110;
    private static final long MILLI = Duration.ofMillis(1).toNanos();

    private final ReadingPace pace = new ReadingPace(Duration.ofSeconds(30), 0);
    private long now;
    private long window;
    private long unread;
    private long readable;

    @ParameterizedTest
    @CsvSource({"65536", "1048576", "4194304", "8388608"})
    void aCallerWhoReads300UsersASecondIsNeverTakenForStopped(long size) {
        window = size;
        for (int second = 0; second < 3_600; second++) {
            read(300 * MESSAGE, size);

            assertThat(pace.hasStopped(now)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"1048576", "8388608"})
    void aWindowThatGrowsWhileTheCallerReadsIsReadInTime(long largest) {
        window = 65_536;
        for (int second = 0; second < 3_600; second++) {
            if (second == 20) {
                window += largest - 65_536;
            }
            read(300 * MESSAGE, second < 20 ? 65_536 : largest);

            assertThat(pace.hasStopped(now)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"65536, 31", "1048576, 65", "8388608, 515"})
    void aCallerWhoStopsAtOnceIsNoticedWhenItsWindowWouldHaveBeenRead(long size, int seconds) {
        window = size;
        read(0, size);

        assertThat(secondsUntilStopped()).isBetween(30, seconds);
    }

    @Test
    void aCallerWhoHasReadFastIsNoticedSoonWhenItStops() {
        window = 8_388_608;
        for (int second = 0; second < 30; second++) {
            read(5_000_000, 8_388_608);
        }

        assertThat(secondsUntilStopped()).isBetween(30, 32);
    }

    private int secondsUntilStopped() {
        for (int second = 0; ; second++) {
            if (pace.hasStopped(now)) {
                return second;
            }
            now += 1_000 * MILLI;
        }
    }

    /** Reads this much in a second, evenly; the rest waits in the client. */
    private void read(int bytesPerSecond, long size) {
        for (int i = 0; i < 100; i++) {
            now += 10 * MILLI;
            long read = Math.min(unread, bytesPerSecond / 100);
            unread -= read;
            readable += read;
            if (readable >= size / 2) {
                window += readable;
                readable = 0;
            }
            if (window >= MESSAGE) {
                pace.resumed(now);
                while (window >= MESSAGE) {
                    window -= MESSAGE;
                    unread += MESSAGE;
                    pace.sent(MESSAGE, now);
                }
            }
        }
    }
}
