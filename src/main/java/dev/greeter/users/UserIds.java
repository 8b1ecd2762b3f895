package dev.greeter.users;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** UUIDs of version 7 whose first 60 bits are a time in 4096ths of a millisecond: RFC 9562, section 6.2, method 3. */
final class UserIds {

    /** Before all ids. */
    static final UUID FIRST = new UUID(0, 0);

    static final int UNITS_PER_MILLI = 4096;

    private static final int FRACTION_BITS = 12;
    private static final long FRACTION = 0xFFF;
    private static final SecureRandom RANDOM = new SecureRandom();

    private UserIds() {}

    /** Returns a new id, which is greater than those of earlier times. */
    static UUID of(long time) {
        return new UUID(high(time), (RANDOM.nextLong() >>> 2) | (1L << 63));
    }

    static long time(UUID id) {
        return (id.getMostSignificantBits() >>> 16 << FRACTION_BITS) | (id.getMostSignificantBits() & FRACTION);
    }

    static long time(Instant instant) {
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, instant);
        return micros / 1_000 * UNITS_PER_MILLI + micros % 1_000 * UNITS_PER_MILLI / 1_000;
    }

    /** Returns the time at the resolution that both databases can store. */
    static Instant instant(long time) {
        return Instant.EPOCH.plus(
                time / UNITS_PER_MILLI * 1_000 + time % UNITS_PER_MILLI * 1_000 / UNITS_PER_MILLI, ChronoUnit.MICROS);
    }

    private static long high(long time) {
        return (time & ~FRACTION) << 4 | 0x7000 | (time & FRACTION);
    }
}
