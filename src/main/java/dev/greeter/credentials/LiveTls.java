package dev.greeter.credentials;

import dev.greeter.credentials.TlsFiles.Material;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Date;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys and certificates that are reloaded from their files: a replacement applies to each handshake after it is read,
 * and one that cannot be used changes nothing.
 */
public final class LiveTls implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LiveTls.class);

    /** How long before the expiry of a certificate the log contains a warning. */
    static final Duration NOTICE = Duration.ofDays(30);

    private final TlsFiles files;
    private final @Nullable AdvancedTlsX509KeyManager keys;
    private final @Nullable AdvancedTlsX509TrustManager trust;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tls-reload");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Material material;
    private volatile @Nullable String problem;
    private @Nullable X509Certificate warnedOf;

    /** Reads the files for the first time, and throws if they cannot be used. */
    public LiveTls(TlsFiles files) {
        this.files = files;
        this.material = files.read();
        this.keys = material.key() == null ? null : new AdvancedTlsX509KeyManager();
        try {
            this.trust = material.trusted().isEmpty()
                    ? null
                    : AdvancedTlsX509TrustManager.newBuilder().build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        PrivateKey key = material.key();
        if (keys != null && key != null) {
            keys.updateIdentityCredentials(material.chain().toArray(X509Certificate[]::new), key);
        }
        warn(material, Instant.now());
    }

    /** Returns the manager of the key and its certificates, or null if no key is set. */
    public @Nullable X509ExtendedKeyManager keys() {
        return keys;
    }

    /** Returns the manager that checks the certificates of peers, or null if the system's trust applies. */
    public @Nullable X509ExtendedTrustManager trust() {
        return trust;
    }

    /**
     * Sets the trusted certificates, and checks the files for changes after each pause. Call it after building the TLS
     * context: OpenSSL permanently sends clients the authorities that are trusted at that moment; none means any.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // close ends it
    public void follow(Duration pause) {
        try {
            apply(material);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
        clock.scheduleWithFixedDelay(
                () -> reload(Instant.now()), pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Registers gauges of the time until the certificate in use expires, and of replaced files that cannot be used. */
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("tls.replacement.refused", this, tls -> tls.problem == null ? 0 : 1)
                .description("Whether the replaced files cannot be used, and the old certificates stay in use")
                .tag("settings", files.prefix())
                .strongReference(true)
                .register(registry);
        if (!material.chain().isEmpty()) {
            Gauge.builder("tls.certificate.expiry", this, LiveTls::secondsLeft)
                    .description("Time until the certificate in use expires")
                    .baseUnit("seconds")
                    .tag("settings", files.prefix())
                    .strongReference(true)
                    .register(registry);
        }
    }

    private double secondsLeft() {
        Instant end = firstToEnd(material).getNotAfter().toInstant();
        return Duration.between(Instant.now(), end).toSeconds();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }

    synchronized void reload(Instant now) {
        try {
            Material read = files.read();
            if (!read.equals(material)) {
                requireCurrent(read, now);
                apply(read);
                material = read;
                log.info("The files of {} were replaced; new connections use the new ones", files.prefix());
            }
            problem = null;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            if (!Objects.equals(problem, message)) {
                problem = message;
                log.error("The replaced files cannot be used; the old keys and certificates stay in use: {}", problem);
            }
        }
        warn(material, now);
    }

    private void apply(Material read) throws GeneralSecurityException, IOException {
        PrivateKey key = read.key();
        if (trust != null) {
            trust.updateTrustCredentials(read.trusted().toArray(X509Certificate[]::new));
        }
        if (keys != null && key != null) {
            keys.updateIdentityCredentials(read.chain().toArray(X509Certificate[]::new), key);
        }
    }

    /** Clients also check the issuers in the chain, except a root, of which they have their own. */
    private void requireCurrent(Material read, Instant now) throws CertificateException {
        for (X509Certificate certificate : read.chain()) {
            String named =
                    files.prefix() + " names a certificate" + issuer(certificate, read, " whose issuer ", " that");
            try {
                if (!isRoot(certificate)) {
                    certificate.checkValidity(Date.from(now));
                }
            } catch (CertificateExpiredException e) {
                throw new CertificateException(named + " has expired", e);
            } catch (CertificateNotYetValidException e) {
                throw new CertificateException(
                        named + " is not valid before "
                                + certificate.getNotBefore().toInstant(),
                        e);
            }
        }
    }

    /** Returns the description of a certificate that is not the first of its chain, for messages. */
    private static String issuer(X509Certificate certificate, Material read, String issuer, String itself) {
        return certificate.equals(read.chain().get(0))
                ? itself
                : issuer + certificate.getSubjectX500Principal().getName();
    }

    private static boolean isRoot(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                && certificate.getBasicConstraints() >= 0;
    }

    private static X509Certificate firstToEnd(Material current) {
        return current.chain().stream()
                .filter(certificate -> !isRoot(certificate))
                .min(Comparator.comparing(X509Certificate::getNotAfter))
                .orElse(current.chain().get(0));
    }

    private void warn(Material current, Instant now) {
        if (current.chain().isEmpty()) {
            return;
        }
        X509Certificate certificate = current.chain().stream()
                .filter(one -> one.getNotBefore().toInstant().isAfter(now) && !isRoot(one))
                .findFirst()
                .orElse(firstToEnd(current));
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        boolean early = begin.isAfter(now);
        if ((!early && end.isAfter(now.plus(NOTICE))) || certificate.equals(warnedOf)) {
            return;
        }
        warnedOf = certificate;
        String issuer = issuer(certificate, current, "'s issuer ", "");
        if (early) {
            log.error("The certificate of {}{} is not valid before {}", files.prefix(), issuer, begin);
        } else if (end.isBefore(now)) {
            log.error("The certificate of {}{} expired at {}", files.prefix(), issuer, end);
        } else {
            log.warn("The certificate of {}{} expires at {}", files.prefix(), issuer, end);
        }
    }
}
