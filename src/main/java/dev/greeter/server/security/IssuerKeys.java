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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer, fetched when a token first needs them. Known keys remain valid while the issuer cannot
 * be reached, and invented key ids cause at most one fetch per pause, unless the issuer has just rotated its keys.
 */
final class IssuerKeys implements JWKSource<SecurityContext> {

    /** A key that the issuer withdraws is refused after this time. */
    static final Duration FRESH = Duration.ofMinutes(5);

    /** A key that the issuer cannot confirm is refused after this time. */
    static final Duration USABLE = Duration.ofHours(12);

    /** The minimum time from the start of one fetch to the start of the next. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

    private final Callable<JWKSet> source;
    private final Duration patience;
    private final LongSupplier nanoTime;

    private volatile @Nullable Keys known;
    private volatile boolean failing;
    /** Whether the last fetch returned other keys: the issuer is rotating them, and may do so again at once. */
    private volatile boolean rotating;

    @GuardedBy("this")
    private CompletableFuture<Void> fetch = CompletableFuture.completedFuture(null);

    @GuardedBy("this")
    private long started;

    private record Keys(JWKSet set, long fetched) {}

    /** @param patience how long a call waits for the keys that it needs */
    IssuerKeys(Callable<JWKSet> source, Duration patience, LongSupplier nanoTime) {
        this.source = source;
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.started = nanoTime.getAsLong() - PAUSE.toNanos();
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws RemoteKeySourceException {
        Keys keys = known;
        if (keys == null) {
            await(refresh(null));
        } else if (age(keys) > FRESH.toNanos()) {
            refresh(keys);
        }
        keys = usable();
        List<JWK> matching = selector.select(keys.set());
        if (matching.isEmpty()) {
            await(refresh(keys));
            matching = selector.select(usable().set());
            if (matching.isEmpty() && failing) {
                throw new RemoteKeySourceException("The issuer may have a new key, but cannot be reached", null);
            }
        }
        return matching;
    }

    private Keys usable() throws RemoteKeySourceException {
        Keys keys = known;
        if (keys == null || age(keys) > USABLE.toNanos()) {
            throw new RemoteKeySourceException("The keys of the issuer are unavailable", null);
        }
        return keys;
    }

    private long age(Keys keys) {
        return nanoTime.getAsLong() - keys.fetched();
    }

    /** Fetches on a separate thread, because the call that needs the keys may end earlier. */
    @CanIgnoreReturnValue
    private synchronized CompletableFuture<Void> refresh(@Nullable Keys seen) {
        boolean due = rotating || nanoTime.getAsLong() - started >= PAUSE.toNanos();
        if (fetch.isDone() && Objects.equals(known, seen) && due) {
            rotating = false;
            started = nanoTime.getAsLong();
            fetch = CompletableFuture.runAsync(this::fetch, task -> {
                Thread thread = new Thread(task, "issuer-keys");
                thread.setDaemon(true);
                thread.start();
            });
        }
        return fetch;
    }

    private void fetch() {
        try {
            Keys before = known;
            Keys fetched = new Keys(source.call(), nanoTime.getAsLong());
            rotating = before == null || !before.set().equals(fetched.set());
            known = fetched;
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
