package dev.greeter.server.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The callers by their tokens: accepts a verified token for some time without verifying its signature again, which takes
 * as long as many calls. The expiry is checked each time. A token whose key the issuer withdraws is accepted until this
 * time has passed.
 */
final class VerifiedCallers {

    /** As long as Spring Security's validator accepts an expired token. */
    static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    /** Enough for some hundred tokens of usual size, and a bound for their memory. */
    private static final long MAX_BYTES = 1 << 20;

    private final InstantSource clock;
    private final Cache<Credentials, VerifiedCaller> callers;

    VerifiedCallers(Duration time) {
        this(time, Ticker.systemTicker(), InstantSource.system());
    }

    VerifiedCallers(Duration time, Ticker ticker, InstantSource clock) {
        this.clock = clock;
        this.callers = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfterWrite(time)
                .maximumWeight(MAX_BYTES)
                .weigher((Credentials credentials, VerifiedCaller caller) -> credentials.bytes.length)
                .build();
    }

    /** @param credentials the value of the header, which is not changed afterwards */
    @Nullable
    VerifiedCaller get(byte[] credentials) {
        VerifiedCaller caller = callers.getIfPresent(new Credentials(credentials));
        return caller == null || clock.instant().minus(CLOCK_SKEW).isAfter(caller.expiry()) ? null : caller;
    }

    void put(byte[] credentials, VerifiedCaller caller) {
        callers.put(new Credentials(credentials), caller);
    }

    /** Returns the number of bytes of the tokens that are remembered. */
    long bytes() {
        callers.cleanUp();
        return callers.policy().eviction().orElseThrow().weightedSize().orElseThrow();
    }

    /** The value of a header, whose hash is that of its end: of the signature, which differs between tokens. */
    private static final class Credentials {

        private static final int HASHED = 16;

        private final byte[] bytes;

        Credentials(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Credentials same && Arrays.equals(bytes, same.bytes);
        }

        @Override
        public int hashCode() {
            int hash = bytes.length;
            for (int i = Math.max(0, bytes.length - HASHED); i < bytes.length; i++) {
                hash = 31 * hash + bytes[i];
            }
            return hash;
        }
    }
}
