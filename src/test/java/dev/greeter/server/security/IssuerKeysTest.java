package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Fetching and keeping the keys of an issuer. */
class IssuerKeysTest {

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile Callable<JWKSet> issuer = () -> keys("first");
    private IssuerKeys keys = keysWithin(Duration.ofSeconds(10));

    @Test
    void keysAreFetchedWhenFirstNeededAndThenKept() throws KeySourceException {
        assertThat(fetches).hasValue(0);
        assertThat(find("first")).isNotNull();
        assertThat(find("first")).isNotNull();
        assertThat(fetches).hasValue(1);
    }

    @Test
    void aNewKeyIsFetchedAtOnceWhenTheFirstTokenNamesIt() throws KeySourceException {
        find("first");
        pass(IssuerKeys.PAUSE);
        issuer = () -> keys("second");
        assertThat(find("second")).isNotNull();
    }

    @Test
    void inventedKeysCauseOneFetchPerPauseAfterTheFirst() throws KeySourceException {
        find("first");
        invent();
        assertThat(fetches).hasValue(IssuerKeys.BURST);
        for (int pauses = 1; pauses < 4; pauses++) {
            pass(IssuerKeys.PAUSE);
            invent();
            assertThat(fetches).hasValue(IssuerKeys.BURST + pauses);
        }
    }

    @Test
    void theSameInventedKeyCausesOneFetchPerPauseAndIsTheFaultOfItsCaller() throws KeySourceException {
        find("first");
        for (int i = 0; i < 100; i++) {
            assertThat(find("invented")).isNull();
        }
        assertThat(fetches).hasValue(2);
    }

    @Test
    void aNewKeyIsFoundRightAfterAnInventedOne() throws KeySourceException {
        find("first");
        assertThat(find("invented")).isNull();
        issuer = () -> keys("second");
        assertThat(find("second")).isNotNull();
    }

    @Test
    void inventedKeysDelayANewKeyButDoNotMakeItInvalid() throws KeySourceException {
        find("first");
        invent();
        issuer = () -> keys("second");
        assertThatThrownBy(() -> find("second")).isInstanceOf(RemoteKeySourceException.class);
        pass(IssuerKeys.PAUSE);
        assertThat(find("second")).isNotNull();
    }

    @Test
    void keysThatAreRotatedAgainWithinThePauseAreFetchedEachTime() throws KeySourceException {
        for (String name : List.of("first", "second", "third", "fourth")) {
            issuer = () -> keys(name);
            assertThat(find(name)).as(name).isNotNull();
        }
    }

    @Test
    void aWithdrawnKeyIsForgottenOnceTheKeysAreNoLongerFresh() throws KeySourceException {
        find("first");
        issuer = () -> keys("second");
        pass(IssuerKeys.FRESH.plusNanos(1));
        Awaitility.await().untilAsserted(() -> assertThat(find("first")).isNull());
    }

    @Test
    void knownKeysServeOnWhileTheIssuerIsDown() throws KeySourceException {
        find("first");
        issuer = () -> {
            throw new IOException("down");
        };
        pass(IssuerKeys.USABLE.minusNanos(1));
        assertThat(find("first")).isNotNull();
    }

    @Test
    void knownKeysDoNotServeForEver() throws KeySourceException {
        find("first");
        issuer = () -> {
            throw new IOException("down");
        };
        pass(IssuerKeys.USABLE.plusNanos(1));
        assertThatThrownBy(() -> find("first")).isInstanceOf(RemoteKeySourceException.class);
    }

    @Test
    void anUnknownKeyIsNoFaultOfTheCallerWhileTheIssuerIsDown() throws KeySourceException {
        find("first");
        issuer = () -> {
            throw new IOException("down");
        };
        pass(IssuerKeys.PAUSE);
        assertThatThrownBy(() -> find("second")).isInstanceOf(RemoteKeySourceException.class);
    }

    @Test
    void aCallWaitsForASlowIssuerNoLongerThanItsPatience() throws KeySourceException {
        keys = keysWithin(Duration.ofMillis(20));
        CountDownLatch answer = new CountDownLatch(1);
        issuer = () -> {
            answer.await();
            return keys("first");
        };
        assertThatThrownBy(() -> find("first")).isInstanceOf(RemoteKeySourceException.class);
        answer.countDown();
        Awaitility.await()
                .ignoreException(RemoteKeySourceException.class)
                .untilAsserted(() -> assertThat(find("first")).isNotNull());
        assertThat(fetches).hasValue(1);
    }

    @Test
    void knownKeysDoNotWaitForASlowIssuer() throws KeySourceException {
        find("first");
        CountDownLatch answer = new CountDownLatch(1);
        issuer = () -> {
            answer.await();
            return keys("first");
        };
        pass(IssuerKeys.FRESH.plusNanos(1));
        assertThat(find("first")).isNotNull();
        answer.countDown();
    }

    private IssuerKeys keysWithin(Duration patience) {
        return new IssuerKeys(
                () -> {
                    fetches.incrementAndGet();
                    return issuer.call();
                },
                patience,
                nanos::get);
    }

    /** Invents more keys than there may be fetches. */
    private void invent() {
        for (int i = 0; i < 100; i++) {
            String name = "invented " + i;
            try {
                assertThat(find(name)).isNull();
            } catch (KeySourceException e) {
                assertThat(e).isInstanceOf(RemoteKeySourceException.class);
            }
        }
    }

    private @Nullable JWK find(String name) throws KeySourceException {
        return keys.get(new JWKSelector(new JWKMatcher.Builder().keyID(name).build()), null).stream()
                .findFirst()
                .orElse(null);
    }

    private static JWKSet keys(String name) {
        return new JWKSet(
                new OctetSequenceKey.Builder(new byte[] {1}).keyID(name).build());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
