package dev.greeter.server.security;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Fetches the keys of an issuer from where it says they are, within a bounded time and size. */
final class IssuerKeySource implements Callable<JWKSet> {

    /** To connect, and again for each piece of the answer. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final int MAX_BYTES = 512 * 1024;

    private final ResourceRetriever retriever =
            new DefaultResourceRetriever((int) TIMEOUT.toMillis(), (int) TIMEOUT.toMillis(), MAX_BYTES);
    private final @Nullable String issuer;
    private volatile @Nullable URI keys;

    private IssuerKeySource(@Nullable String issuer, @Nullable URI keys) {
        this.issuer = issuer;
        this.keys = keys;
    }

    static IssuerKeySource at(URI keys) {
        return new IssuerKeySource(null, keys);
    }

    /** Asks the issuer for the place of its keys, by OpenID Connect Discovery or RFC 8414. */
    static IssuerKeySource of(String issuer) {
        return new IssuerKeySource(issuer, null);
    }

    @Override
    public JWKSet call() throws IOException, ParseException {
        URI place = keys;
        if (place == null) {
            place = discover(String.valueOf(issuer));
            keys = place;
        }
        return JWKSet.parse(retrieve(place));
    }

    private URI discover(String issuer) throws IOException, ParseException {
        String configuration;
        try {
            configuration = retrieve(URI.create(withoutSlash(issuer) + "/.well-known/openid-configuration"));
        } catch (IOException e) {
            URI uri = URI.create(withoutSlash(issuer));
            configuration = retrieve(uri.resolve("/.well-known/oauth-authorization-server" + uri.getRawPath()));
        }
        Map<String, Object> metadata = JSONObjectUtils.parse(configuration);
        if (!issuer.equals(JSONObjectUtils.getString(metadata, "issuer"))) {
            throw new IOException("the issuer does not call itself " + issuer);
        }
        URI place = JSONObjectUtils.getURI(metadata, "jwks_uri");
        if (place == null) {
            throw new IOException("the issuer names no jwks_uri");
        }
        return place;
    }

    private String retrieve(URI uri) throws IOException {
        try {
            return retriever.retrieveResource(uri.toURL()).getContent();
        } catch (IOException e) {
            throw new IOException(uri + ": " + e.getMessage(), e);
        }
    }

    private static String withoutSlash(String issuer) {
        return issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    }
}
