package dev.greeter.server.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.greeter.start.SettingException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;

/** The callers that client certificates identify, by the subject or a subject alternative name. */
final class CertificateCallers {

    private static final int DNS_NAME = 2;
    private static final int URI = 6;

    private final Map<String, List<GrantedAuthority>> authorities = new HashMap<>();
    private final Cache<SSLSession, Optional<VerifiedCaller>> callers =
            Caffeine.newBuilder().weakKeys().build();

    /** @param scopes of each caller, by a subject ({@code CN=batch,O=Example}), a DNS name or a URI */
    CertificateCallers(Map<String, Set<String>> scopes) {
        scopes.forEach((name, granted) -> authorities.put(
                canonical(name),
                AuthorityUtils.createAuthorityList(
                        granted.stream().map(scope -> authority(name, scope)).toList())));
    }

    private static String authority(String name, String scope) {
        if (!AuthorizationRule.isScope(scope)) {
            throw new SettingException(
                    "service.certificates gives \"" + name + "\" the scope \"" + scope
                            + "\", which no method can need.",
                    "Separate scopes with commas, as in \"[" + name + "]\": users.read, users.write.",
                    null);
        }
        return AuthorizationRule.AUTHORITY_PREFIX + scope;
    }

    /** Returns the caller of the connection, or null if it has no certificate or one that identifies no caller. */
    @Nullable
    VerifiedCaller caller(@Nullable SSLSession session) {
        if (session == null || authorities.isEmpty()) {
            return null;
        }
        return callers.get(session, this::identify).orElse(null);
    }

    private Optional<VerifiedCaller> identify(SSLSession session) {
        X509Certificate certificate = leaf(session);
        if (certificate != null) {
            for (String name : names(certificate)) {
                List<GrantedAuthority> granted = authorities.get(name);
                if (granted != null) {
                    return Optional.of(VerifiedCaller.of(
                            new PreAuthenticatedAuthenticationToken(name, certificate, granted), Instant.MAX));
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable X509Certificate leaf(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private static List<String> names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    if (alternative.get(0) instanceof Integer type && (type == DNS_NAME || type == URI)) {
                        names.add(String.valueOf(alternative.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return names;
        }
        names.add(certificate.getSubjectX500Principal().getName());
        return names;
    }

    private static String canonical(String name) {
        if (!name.contains("=") || name.contains("://")) {
            return name;
        }
        try {
            return new X500Principal(name).getName();
        } catch (IllegalArgumentException e) {
            throw new SettingException(
                    "service.certificates names \"" + name + "\", which is not the subject of a certificate.",
                    "Write a subject as \"[CN=batch,O=Example]\", a DNS name or a URI.",
                    e);
        }
    }
}
