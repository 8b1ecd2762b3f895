package dev.greeter.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Collectors;
import okhttp3.tls.HeldCertificate;

/** Creates certificates and writes them as an operator would: each file at once, by a rename. */
public final class Certificates {

    private Certificates() {}

    public static HeldCertificate authority(String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .certificateAuthority(1)
                .build();
    }

    /** Returns a certificate for {@code localhost} and 127.0.0.1. */
    public static HeldCertificate server(HeldCertificate authority) {
        return server(authority, Duration.ofDays(365));
    }

    public static HeldCertificate server(HeldCertificate authority, Duration lifetime) {
        Instant end = Instant.now().plus(lifetime);
        return new HeldCertificate.Builder()
                .commonName("server")
                .addSubjectAlternativeName("localhost")
                .addSubjectAlternativeName("127.0.0.1")
                .validityInterval(end.minus(Duration.ofDays(366)).toEpochMilli(), end.toEpochMilli())
                .signedBy(authority)
                .build();
    }

    /** Returns what an authority signs certificates with. */
    public static HeldCertificate issuer(HeldCertificate authority, Duration lifetime) {
        Instant end = Instant.now().plus(lifetime);
        return new HeldCertificate.Builder()
                .commonName("issuer")
                .certificateAuthority(0)
                .validityInterval(end.minus(Duration.ofDays(366)).toEpochMilli(), end.toEpochMilli())
                .signedBy(authority)
                .build();
    }

    /** Returns one that is valid from a later time on. */
    public static HeldCertificate serverFrom(HeldCertificate authority, Instant begin) {
        return new HeldCertificate.Builder()
                .commonName("server")
                .addSubjectAlternativeName("localhost")
                .addSubjectAlternativeName("127.0.0.1")
                .validityInterval(
                        begin.toEpochMilli(), begin.plus(Duration.ofDays(365)).toEpochMilli())
                .signedBy(authority)
                .build();
    }

    /** Returns the key as OpenSSL's {@code ecparam} and cert-manager write it. */
    public static String sec1Pem(HeldCertificate certificate) {
        byte[] secret =
                ((ECPrivateKey) certificate.keyPair().getPrivate()).getS().toByteArray();
        byte[] key = HexFormat.of().parseHex("30310201010420" + "00".repeat(32) + "a00a06082a8648ce3d030107");
        int length = Math.min(32, secret.length);
        System.arraycopy(secret, secret.length - length, key, 7 + 32 - length, length);
        return "-----BEGIN EC PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                + "\n-----END EC PRIVATE KEY-----\n";
    }

    public static HeldCertificate client(HeldCertificate authority, String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .addSubjectAlternativeName(name)
                .signedBy(authority)
                .build();
    }

    public static void write(Path file, String text) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes {@code NAME.crt}, with the issuers, and {@code NAME.key}. */
    public static void write(Path directory, String name, HeldCertificate certificate, HeldCertificate... issuers) {
        write(
                directory.resolve(name + ".crt"),
                certificate.certificatePem()
                        + Arrays.stream(issuers)
                                .map(HeldCertificate::certificatePem)
                                .collect(Collectors.joining()));
        write(directory.resolve(name + ".key"), certificate.privateKeyPkcs8Pem());
    }

    /** Writes a PKCS#12 file. */
    public static void writeKeyStore(Path file, HeldCertificate certificate, String password) {
        writeKeyStore(file, certificate, password, password);
    }

    public static void writeKeyStore(Path file, HeldCertificate certificate, String password, String keyPassword) {
        try (var stream = Files.newOutputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("key", certificate.keyPair().getPrivate(), keyPassword.toCharArray(), new Certificate[] {
                certificate.certificate()
            });
            store.store(stream, password.toCharArray());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
