package dev.greeter.server.security;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer, fetched when a token first needs them. Known keys remain valid while the issuer cannot
 * be reached. A key is unknown to the issuer only if a fetch after the call began has shown it; whoever invents key ids
 * can delay that by the pause, but does not make a new key invalid.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {

    /** A key that the issuer withdraws is refused after this time. */
    static final Duration FRESH = Duration.ofMinutes(5);

    /** A key that the issuer cannot confirm is refused after this time. */
    static final Duration USABLE = Duration.ofHours(12);

    /** The minimum time from the start of one fetch to the start of the next, on average. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** The fetches that may follow each other without a pause, as when keys are rotated several times. */
    static final int BURST = 5;

    private static final int MAX_ABSENT = 100;

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

    private final Callable<JWKSet> source;
    private final Duration patience;
    private final LongSupplier nanoTime;

    private volatile @Nullable Keys known;
    private volatile boolean failing;

    /** The number of the last fetch that has begun. */
    private volatile int fetches;

    @GuardedBy("this")
    private CompletableFuture<Void> fetch = CompletableFuture.completedFuture(null);

    /** When the pauses of all fetches so far will be over. */
    @GuardedBy("this")
    private long paused;

    /**
     * Keys as fetched.
     *
     * @param fetch number of the fetch
     * @param started when it began
     * @param absent what callers have searched for in vain
     */
    private record Keys(JWKSet set, int fetch, long started, Set<String> absent) {}

    /** @param patience how long a call waits for the keys that it needs */
    IssuerKeys(Callable<JWKSet> source, Duration patience, LongSupplier nanoTime) {
        this.source = source;
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.paused = nanoTime.getAsLong();
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws RemoteKeySourceException {
        int before = fetches;
        Keys keys = known;
        if (keys == null) {
            await(refresh(null));
        } else if (age(keys) > FRESH.toNanos()) {
            refresh(keys);
        }
        keys = usable();
        List<JWK> matching = selector.select(keys.set());
        if (!matching.isEmpty()) {
            return matching;
        }
        String searched = selector.getMatcher().toString();
        // A fetch that is in progress when the call begins may miss its key.
        for (int attempt = 0; attempt < 2 && matching.isEmpty() && !lacks(keys, searched, before); attempt++) {
            await(refresh(keys));
            keys = usable();
            matching = selector.select(keys.set());
        }
        if (matching.isEmpty()) {
            if (!lacks(keys, searched, before)) {
                throw new RemoteKeySourceException("The issuer may have a new key, but cannot be asked now", null);
            }
            if (keys.absent().size() < MAX_ABSENT) {
                keys.absent().add(searched);
            }
        }
        return matching;
    }

    /** Returns whether the issuer does not have the key, as a fetch since the call began has shown, or one shortly before. */
    private boolean lacks(Keys keys, String searched, int before) {
        return keys.fetch() > before
                || (age(keys) < PAUSE.toNanos() && keys.absent().contains(searched));
    }

    private Keys usable() throws RemoteKeySourceException {
        Keys keys = known;
        if (keys == null || age(keys) > USABLE.toNanos()) {
            throw new RemoteKeySourceException("The keys of the issuer are unavailable", null);
        }
        return keys;
    }

    private long age(Keys keys) {
        return nanoTime.getAsLong() - keys.started();
    }

    /** Fetches on a separate thread, because the call that needs the keys may end earlier. */
    @CanIgnoreReturnValue
    private synchronized CompletableFuture<Void> refresh(@Nullable Keys seen) {
        if (fetch.isDone() && Objects.equals(known, seen) && isDue()) {
            int number = fetches + 1;
            fetches = number;
            fetch = CompletableFuture.runAsync(() -> fetch(number), task -> {
                Thread thread = new Thread(task, "issuer-keys");
                thread.setDaemon(true);
                thread.start();
            });
        }
        return fetch;
    }

    @GuardedBy("this")
    private boolean isDue() {
        long now = nanoTime.getAsLong();
        long ahead = Math.max(0, paused - now);
        if (ahead > PAUSE.multipliedBy(BURST - 1).toNanos()) {
            return false;
        }
        paused = now + ahead + PAUSE.toNanos();
        return true;
    }

    private void fetch(int number) {
        try {
            long started = nanoTime.getAsLong();
            known = new Keys(source.call(), number, started, ConcurrentHashMap.newKeySet());
            if (failing) {
                log.info("The keys of the token issuer can be fetched again");
            }
            failing = false;
        } catch (Exception e) {
            if (!failing) {
                log.warn("The keys of the token issuer cannot be fetched: {}", e.toString());
            }
            failing = true;
        }
    }

    private void await(CompletableFuture<Void> fetch) throws RemoteKeySourceException {
        try {
            fetch.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new RemoteKeySourceException("The token issuer does not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RemoteKeySourceException("The call ended before the keys were fetched", e);
        }
    }
}
