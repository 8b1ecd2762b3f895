package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import dev.greeter.test.Certificates;
import dev.greeter.test.WholeApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.Ssl.ServerNameSslBundle;

/** TLS settings of an HTTP port that Spring Boot accepts, but that cannot serve or protect it, stop the start. */
class HttpTlsTest {

    private static final String MISMATCH = "names a private key that does not match its certificate";

    private final HeldCertificate authority = Certificates.authority("authority");
    private final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();

    @TempDir
    private Path directory;

    @BeforeEach
    void write() {
        Certificates.write(directory, "server", Certificates.server(authority));
        Certificates.write(directory, "other", Certificates.server(authority));
        Certificates.write(directory.resolve("authority.crt"), authority.certificatePem());
        Certificates.writeKeyStore(directory.resolve("server.p12"), Certificates.server(authority), "password");
    }

    @Test
    void aPairIsAccepted() {
        assertAccepted(pem("server.key"));
        assertAccepted(keyStore());
        assertAccepted(bundle("server.key"));
    }

    @Test
    void noTlsIsAccepted() {
        Ssl disabled = pem("other.key");
        disabled.setEnabled(false);
        assertAccepted(disabled);
        assertThatCode(() -> HttpTls.check("server.ssl.", null, null)).doesNotThrowAnyException();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        assertRefused(pem("other.key"), "server.ssl.certificate-private-key " + MISMATCH);
        assertRefused(bundle("other.key"), "server.ssl.bundle " + MISMATCH);
    }

    @Test
    void aKeyOfAnotherCertificateForOneNameIsRefused() {
        Ssl settings = pem("server.key");
        bundle("other.key");
        settings.setServerNameBundles(List.of(new ServerNameSslBundle("example.com", "other.key")));
        assertRefused(settings, "server.ssl.server-name-bundles " + MISMATCH);
    }

    @Test
    void aKeyThatItsPasswordDoesNotOpenIsRefused() {
        Ssl settings = keyStore();
        settings.setKeyPassword("wrong");
        assertRefused(settings, "server.ssl.key-password does not open the key of server.ssl.key-store");
    }

    @Test
    void aKeyWithAPasswordOfItsOwnNeedsIt() {
        Certificates.writeKeyStore(
                directory.resolve("server.p12"), Certificates.server(authority), "password", "another");
        Ssl settings = keyStore();
        assertRefused(settings, "server.ssl.key-password is not set, but the key of server.ssl.key-store has");

        settings.setKeyPassword("another");
        assertAccepted(settings);
    }

    @Test
    void anUnknownAliasIsRefused() {
        Ssl settings = keyStore();
        settings.setKeyAlias("kye");
        assertRefused(settings, "server.ssl.key-alias is \"kye\", but server.ssl.key-store names no key of this name");
    }

    @Test
    void trustWithoutAKeyIsRefused() {
        Ssl settings = new Ssl();
        settings.setTrustCertificate(path("authority.crt"));
        assertRefused(settings, "server.ssl.certificate-private-key names no private key");
    }

    @ParameterizedTest
    @EnumSource(
            value = Ssl.ClientAuth.class,
            names = {"WANT", "NEED"})
    void clientsAreNotVerifiedByThePublicAuthorities(Ssl.ClientAuth verification) {
        Ssl settings = keyStore();
        settings.setClientAuth(verification);
        assertRefused(settings, "server.ssl.client-auth is " + verification + ", but no authority is trusted");

        settings.setTrustCertificate(path("authority.crt"));
        assertAccepted(settings);
    }

    @Test
    void theApplicationChecksBothPorts() {
        for (String prefix : List.of("server.ssl.", "management.server.ssl.")) {
            assertThatThrownBy(() -> WholeApplication.start(
                                    "--management.server.port=" + (prefix.startsWith("server") ? "" : "0"),
                                    "--" + prefix + "certificate=" + path("server.crt"),
                                    "--" + prefix + "certificate-private-key=" + path("other.key"))
                            .close())
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining(prefix + "certificate-private-key " + MISMATCH);
        }
    }

    private Ssl pem(String key) {
        Ssl settings = new Ssl();
        settings.setCertificate(path("server.crt"));
        settings.setCertificatePrivateKey(path(key));
        return settings;
    }

    private Ssl keyStore() {
        Ssl settings = new Ssl();
        settings.setKeyStore(path("server.p12"));
        settings.setKeyStorePassword("password");
        return settings;
    }

    /** Registers a bundle with the name of the key's file. */
    private Ssl bundle(String key) {
        try {
            PemSslStoreDetails pair = PemSslStoreDetails.forCertificate(
                            Files.readString(directory.resolve("server.crt")))
                    .withPrivateKey(Files.readString(directory.resolve(key)));
            bundles.registerBundle(key, SslBundle.of(new PemSslStoreBundle(pair, null)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        Ssl settings = new Ssl();
        settings.setBundle(key);
        return settings;
    }

    private String path(String file) {
        return directory.resolve(file).toString();
    }

    private void assertAccepted(Ssl settings) {
        assertThatCode(() -> HttpTls.check("server.ssl.", settings, bundles)).doesNotThrowAnyException();
    }

    private void assertRefused(Ssl settings, String problem) {
        assertThatThrownBy(() -> HttpTls.check("server.ssl.", settings, bundles))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(problem);
    }
}
