package dev.greeter.users;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Makes ids as UUIDs of version 7, each greater than the one before. */
final class UserIds {

    private static final int FRACTION_BITS = 12;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong last = new AtomicLong();

    UserIds(Clock clock) {
        this.clock = clock;
    }

    UUID next() {
        // Milliseconds, then 4096ths of one: RFC 9562, section 6.2, method 3.
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
        long time = ((micros / 1_000) << FRACTION_BITS) | (((micros % 1_000) << FRACTION_BITS) / 1_000);
        long unique = last.updateAndGet(previous -> Math.max(previous + 1, time));
        long high = ((unique & ~0xFFFL) << 4) | 0x7000L | (unique & 0xFFFL);
        return new UUID(high, (random.nextLong() >>> 2) | (1L << 63));
    }
}
