package dev.greeter.server.socket;

import dev.greeter.credentials.TlsFiles;
import dev.greeter.start.SettingException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;

/** Refuses TLS of an HTTP port with which it would start, but serve nobody or verify clients by any public authority. */
final class HttpTls {

    private final String prefix;
    private final Ssl settings;

    private HttpTls(String prefix, Ssl settings) {
        this.prefix = prefix;
        this.settings = settings;
    }

    /**
     * @param settings null without TLS
     * @param bundles null if the application has none
     */
    static void check(String prefix, @Nullable Ssl settings, @Nullable SslBundles bundles) {
        if (settings != null && Ssl.isEnabled(settings)) {
            HttpTls tls = new HttpTls(prefix, settings);
            tls.check(WebServerSslBundle.get(settings, bundles), tls.keySetting());
            settings.getServerNameBundles()
                    .forEach(named -> tls.check(
                            Objects.requireNonNull(bundles).getBundle(named.bundle()), "server-name-bundles"));
        }
    }

    private String keySetting() {
        if (settings.getBundle() != null) {
            return "bundle";
        }
        return settings.getKeyStore() == null ? "certificate-private-key" : "key-store";
    }

    private void check(SslBundle bundle, String keySetting) {
        KeyStore keys = bundle.getStores().getKeyStore();
        if (keys == null) {
            throw problem(keySetting + " names no private key.", "Name the key of the certificate.", null);
        }
        checkPairs(keys, bundle, keySetting);
        Ssl.ClientAuth verification = settings.getClientAuth();
        if (verification != null
                && verification != Ssl.ClientAuth.NONE
                && bundle.getStores().getTrustStore() == null) {
            throw TlsEffect.trustsAnyAuthority(
                    prefix + "client-auth is " + verification,
                    prefix + "trust-certificate or " + prefix + "trust-store, or the truststore of the bundle");
        }
    }

    private void checkPairs(KeyStore keys, SslBundle bundle, String keySetting) {
        String alias = bundle.getKey().getAlias();
        String password = bundle.getKey().getPassword();
        if (password == null) {
            password = bundle.getStores().getKeyStorePassword();
        }
        try {
            if (alias != null && !keys.isKeyEntry(alias)) {
                throw problem(
                        "key-alias is \"" + alias + "\", but " + prefix + keySetting + " names no key of this name.",
                        "The keys are " + Collections.list(keys.aliases()) + ".",
                        null);
            }
            for (String name : alias == null ? Collections.list(keys.aliases()) : List.of(alias)) {
                Certificate certificate = keys.getCertificate(name);
                if (certificate != null
                        && keys.getKey(name, password == null ? null : password.toCharArray()) instanceof PrivateKey key
                        && !TlsFiles.isPair(key, certificate)) {
                    throw problem(
                            keySetting + " names a private key that does not match its certificate.",
                            "Name the key of the certificate.",
                            null);
                }
            }
        } catch (UnrecoverableKeyException e) {
            String key = "the key of " + prefix + keySetting;
            throw problem(
                    bundle.getKey().getPassword() == null
                            ? "key-password is not set, but " + key + " has a password of its own."
                            : "key-password does not open " + key + ".",
                    "Set the password of the key.",
                    e);
        } catch (GeneralSecurityException unreadable) {
            // The web server says so.
        }
    }

    private SettingException problem(String text, String action, @Nullable Exception cause) {
        return new SettingException(prefix + text, action, cause);
    }
}
