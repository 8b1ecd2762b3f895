package dev.greeter.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.start.SettingException;
import dev.greeter.test.Certificates;
import java.nio.file.Path;
import okhttp3.tls.HeldCertificate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/** The messages for invalid TLS settings. */
class TlsFilesTest {

    private final HeldCertificate authority = Certificates.authority("authority");

    @TempDir
    private Path directory;

    @BeforeEach
    void write() {
        Certificates.write(directory, "server", Certificates.server(authority));
        Certificates.write(directory, "other", Certificates.server(authority));
        Certificates.writeKeyStore(directory.resolve("server.p12"), Certificates.server(authority), "password");
    }

    @Test
    void aPairIsRead() {
        assertThat(pem("server.crt", "server.key").read().chain()).hasSize(1);
        assertThat(store("server.p12", "password").read().chain()).hasSize(1);
    }

    @Test
    void aMissingFileIsNamedWithItsSetting() {
        assertProblem(() -> pem("server.crt", "missing.key").read(), "test.private-key names", "missing.key");
        assertProblem(() -> pem("missing.crt", "server.key").read(), "test.certificate-chain names", "missing.crt");
        assertProblem(() -> store("missing.p12", "password").read(), "test.key-store names", "missing.p12");
    }

    @Test
    void aPathWithoutASchemeIsToldHowToWriteOne() {
        Resource withoutScheme = new DefaultResourceLoader().getResource("/etc/tls/server.crt");
        assertProblem(
                () -> files(withoutScheme, file("server.key"), null, null).read(),
                "test.certificate-chain names",
                "begins with file:");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        assertProblem(
                () -> pem("server.crt", "other.key").read(), "test.private-key does not match the first certificate");
    }

    @Test
    void aWrongPasswordIsRefused() {
        assertProblem(() -> store("server.p12", "wrong").read(), "test.key-store-password does not open");
    }

    @Test
    void anUnknownFormatIsRefused() {
        assertProblem(
                () -> files(null, null, file("server.p12"), "FOO", "password").read(),
                "test.key-store-format is \"FOO\"");
    }

    @Test
    void filesWithOtherContentAreRefused() {
        assertProblem(() -> pem("server.key", "server.key").read(), "test.certificate-chain names", "no certificates");
        assertProblem(() -> pem("server.crt", "server.crt").read(), "test.private-key names", "no private key");
        assertProblem(() -> store("server.crt", "password").read(), "test.key-store names", "not a key store");
    }

    @Test
    void aKeyInTheFormatsOfCertManagerIsRead() {
        HeldCertificate ec = Certificates.server(authority);
        Certificates.write(directory, "ec", ec);
        Certificates.write(directory.resolve("ec.key"), Certificates.sec1Pem(ec));
        assertThat(pem("ec.crt", "ec.key").read().chain()).hasSize(1);

        HeldCertificate rsa = new HeldCertificate.Builder().rsa2048().build();
        Certificates.write(directory, "rsa", rsa);
        Certificates.write(directory.resolve("rsa.key"), rsa.privateKeyPkcs1Pem());
        assertThat(pem("rsa.crt", "rsa.key").read().chain()).hasSize(1);
    }

    @Test
    void aBrokenKeyIsRefused() {
        Certificates.write(directory.resolve("old.key"), "-----BEGIN RSA PRIVATE KEY-----\n");
        assertProblem(() -> pem("server.crt", "old.key").read(), "test.private-key names", "no private key");
    }

    @Test
    void nothingAtAllIsRefused() {
        assertProblem(() -> files(null, null, null, null).read(), "test.private-key is not set");
    }

    @Test
    void oldProtocolsAreRefused() {
        assertProblem(() -> TlsFiles.protocols("test", new String[] {"TLSv1.1"}), "test.protocols", "TLSv1.1");
        assertThat(TlsFiles.protocols("test", null)).containsExactly("TLSv1.3", "TLSv1.2");
    }

    private TlsFiles pem(String chain, String key) {
        return files(file(chain), file(key), null, null);
    }

    private TlsFiles store(String store, String password) {
        return files(null, null, file(store), password);
    }

    private static TlsFiles files(
            @Nullable Resource chain, @Nullable Resource key, @Nullable Resource store, @Nullable String password) {
        return files(chain, key, store, "AUTODETECT", password);
    }

    private static TlsFiles files(
            @Nullable Resource chain,
            @Nullable Resource key,
            @Nullable Resource store,
            String format,
            @Nullable String password) {
        return new TlsFiles("test", true, chain, key, null, store, format, password, null, null, "AUTODETECT", null);
    }

    private FileSystemResource file(String name) {
        return new FileSystemResource(directory.resolve(name));
    }

    private static void assertProblem(ThrowingCallable read, String... parts) {
        assertThatThrownBy(read).isInstanceOf(SettingException.class).message().contains(parts);
    }
}
