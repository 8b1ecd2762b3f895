package dev.greeter.credentials;

import dev.greeter.start.SettingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.devh.boot.grpc.common.security.KeyStoreUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.ContextResource;
import org.springframework.core.io.Resource;

/**
 * The files with the keys and certificates of one server or client, as the starters' settings name them.
 *
 * @param prefix of the settings, for messages
 * @param identity whether they include a key and its certificates
 */
public record TlsFiles(
        String prefix,
        boolean identity,
        @Nullable Resource certificateChain,
        @Nullable Resource privateKey,
        @Nullable String privateKeyPassword,
        @Nullable Resource keyStore,
        String keyStoreFormat,
        @Nullable String keyStorePassword,
        @Nullable Resource trustCertCollection,
        @Nullable Resource trustStore,
        String trustStoreFormat,
        @Nullable String trustStorePassword) {

    private static final List<String> MODERN = List.of("TLSv1.3", "TLSv1.2");

    /** The contents of the files: no key or chain without identity, nothing trusted if the system's trust applies. */
    record Material(@Nullable PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted) {}

    /** Reads each file once, and checks that the key and its certificates match. */
    Material read() {
        List<X509Certificate> trusted = List.of();
        if (trustCertCollection != null) {
            trusted = certificates("trust-cert-collection", trustCertCollection);
        } else if (trustStore != null) {
            trusted = trusted(trustStore);
        }
        if (!identity) {
            return new Material(null, List.of(), trusted);
        }
        Material material;
        if (privateKey != null) {
            if (certificateChain == null) {
                throw problem("certificate-chain", "is not set, but private-key is", null);
            }
            material = new Material(pemKey(privateKey), certificates("certificate-chain", certificateChain), trusted);
        } else if (keyStore != null) {
            material = keyStore(keyStore, trusted);
        } else {
            throw problem("private-key", "is not set, nor is key-store", null);
        }
        requirePair(material);
        return material;
    }

    private PrivateKey pemKey(Resource file) {
        String pem = new String(bytes("private-key", file), StandardCharsets.US_ASCII);
        boolean encrypted = pem.contains("BEGIN ENCRYPTED PRIVATE KEY");
        try {
            PrivateKey key = PemContent.of(pem).getPrivateKey(privateKeyPassword);
            if (key != null) {
                return key;
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            if (encrypted) {
                throw problem("private-key-password", "does not open " + file, e);
            }
            throw problem("private-key", "names " + file + ", which contains no private key", e);
        }
        throw problem("private-key", "names " + file + ", which contains no private key", null);
    }

    private List<X509Certificate> certificates(String setting, Resource file) {
        try {
            List<X509Certificate> certificates = PemContent.of(
                            new String(bytes(setting, file), StandardCharsets.US_ASCII))
                    .getCertificates();
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw problem(setting, "names " + file + ", which contains no certificates in PEM format", e);
        }
        throw problem(setting, "names " + file + ", which contains no certificates in PEM format", null);
    }

    private Material keyStore(Resource file, List<X509Certificate> trusted) {
        KeyStore store = load("key-store", file, keyStoreFormat, keyStorePassword);
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)
                        && store.getKey(alias, password(keyStorePassword)) instanceof PrivateKey key) {
                    return new Material(key, x509(Arrays.asList(store.getCertificateChain(alias))), trusted);
                }
            }
        } catch (GeneralSecurityException e) {
            throw problem("key-store-password", "does not open the key in " + file, e);
        }
        throw problem("key-store", "names " + file + ", which contains no private key", null);
    }

    private List<X509Certificate> trusted(Resource file) {
        KeyStore store = load("trust-store", file, trustStoreFormat, trustStorePassword);
        List<Certificate> trusted = new ArrayList<>();
        try {
            for (String alias : Collections.list(store.aliases())) {
                trusted.add(store.getCertificate(alias));
            }
        } catch (GeneralSecurityException e) {
            throw problem("trust-store", "names " + file + ", which cannot be read", e);
        }
        if (trusted.isEmpty()) {
            throw problem("trust-store", "names " + file + ", which contains no certificates", null);
        }
        return x509(trusted);
    }

    private KeyStore load(String setting, Resource file, String format, @Nullable String password) {
        byte[] bytes = bytes(setting, file);
        try {
            KeyStore store = KeyStore.getInstance(KeyStoreUtils.detectFormat(format, file.getFilename()));
            store.load(new ByteArrayInputStream(bytes), password(password));
            return store;
        } catch (KeyStoreException e) {
            throw problem(setting + "-format", "is \"" + format + "\", which is not a format of key stores", e);
        } catch (IOException | GeneralSecurityException e) {
            boolean wrongPassword = e.getCause() instanceof GeneralSecurityException;
            throw wrongPassword
                    ? problem(setting + "-password", "does not open " + file, e)
                    : problem(setting, "names " + file + ", which is not a key store: " + e.getMessage(), e);
        }
    }

    private byte[] bytes(String setting, Resource file) {
        try (InputStream stream = file.getInputStream()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw problem(setting, "names " + file + ", which cannot be read: " + e.getMessage() + hint(file), e);
        }
    }

    /** A path without a scheme is one within the application. */
    private static String hint(Resource file) {
        return file instanceof ContextResource ? "; the path of a file begins with file:" : "";
    }

    private void requirePair(Material material) {
        String setting = privateKey == null ? "key-store" : "private-key";
        PrivateKey key = material.key();
        if (key == null || material.chain().isEmpty()) {
            throw problem(setting, "has no certificate", null);
        }
        if (!isPair(key, material.chain().get(0))) {
            throw problem(setting, "does not match the first certificate of the chain", null);
        }
    }

    /** Returns whether what the key signs is verified by the certificate. */
    public static boolean isPair(PrivateKey key, Certificate certificate) {
        try {
            return signs(key, certificate.getPublicKey());
        } catch (GeneralSecurityException anotherAlgorithm) {
            return false;
        }
    }

    private static boolean signs(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] sample = {1, 2, 3};
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(sample);
        return signature.verify(signed);
    }

    private static char[] password(@Nullable String password) {
        return password == null ? new char[0] : password.toCharArray();
    }

    private static List<X509Certificate> x509(List<Certificate> certificates) {
        return certificates.stream().map(X509Certificate.class::cast).toList();
    }

    /** Returns the protocols to support, and refuses outdated ones. */
    public static List<String> protocols(String prefix, String @Nullable [] chosen) {
        if (chosen == null || chosen.length == 0) {
            return MODERN;
        }
        if (!MODERN.containsAll(Arrays.asList(chosen))) {
            throw new SettingException(
                    prefix + ".protocols may contain only TLSv1.3 and TLSv1.2, but is " + Arrays.toString(chosen) + ".",
                    "Remove the setting; both are supported by default.",
                    null);
        }
        return List.of(chosen);
    }

    private SettingException problem(String setting, String problem, @Nullable Exception cause) {
        return new SettingException(
                prefix + "." + setting + " " + problem + ".",
                "Check the settings under " + prefix + " and the files that they name.",
                cause);
    }
}
