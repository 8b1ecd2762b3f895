package dev.greeter.server.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches the keys of an issuer from their location, within a bounded time and size. */
final class IssuerKeySource implements Callable<JWKSet> {

    /** The timeout of a connect, and of each read. */
    static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(IssuerKeySource.class);

    private static final int MAX_BYTES = 512 * 1024;

    private final ResourceRetriever retriever = new BoundedRetriever();
    private final Callable<URI> location;

    private IssuerKeySource(Callable<URI> location) {
        this.location = location;
    }

    static IssuerKeySource at(URI keys) {
        return new IssuerKeySource(() -> keys);
    }

    /** Discovers the location of the keys for each fetch, by OpenID Connect Discovery or RFC 8414: it may change. */
    static IssuerKeySource of(String issuer) {
        return new IssuerKeySource(new Discovery(issuer));
    }

    @Override
    public JWKSet call() throws Exception {
        return parse(retrieve(retriever, location.call()));
    }

    /** Omits keys that cannot be read, because they are of an unknown kind or invalid, and keeps the others. */
    private static JWKSet parse(String keySet) throws ParseException {
        List<JWK> keys = new ArrayList<>();
        List<Object> published = JSONObjectUtils.getJSONArray(JSONObjectUtils.parse(keySet), "keys");
        if (published == null) {
            throw new ParseException("the issuer publishes no keys", 0);
        }
        for (Object key : published) {
            try {
                keys.add(JWK.parse(object(key)));
            } catch (ParseException | IllegalArgumentException e) {
                log.debug("A key of the issuer cannot be read", e);
            }
        }
        return new JWKSet(keys);
    }

    @SuppressWarnings("unchecked") // the keys of a JSON object are strings
    private static Map<String, Object> object(@Nullable Object json) throws ParseException {
        if (json instanceof Map<?, ?> object) {
            return (Map<String, Object>) object;
        }
        throw new ParseException("the issuer publishes what is no key", 0);
    }

    private static String retrieve(ResourceRetriever retriever, URI uri) throws IOException {
        try {
            return retriever.retrieveResource(uri.toURL()).getContent();
        } catch (IOException e) {
            throw new IOException(uri + ": " + e.getMessage(), e);
        }
    }

    private record Discovery(String issuer) implements Callable<URI> {

        @Override
        public URI call() throws IOException, ParseException {
            ResourceRetriever retriever = new BoundedRetriever();
            URI base = URI.create(issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer);
            String configuration;
            try {
                configuration = retrieve(retriever, URI.create(base + "/.well-known/openid-configuration"));
            } catch (IOException e) {
                configuration = retrieve(
                        retriever, base.resolve("/.well-known/oauth-authorization-server" + base.getRawPath()));
            }
            Map<String, Object> metadata = JSONObjectUtils.parse(configuration);
            if (!issuer.equals(JSONObjectUtils.getString(metadata, "issuer"))) {
                throw new IOException("the metadata of the issuer does not name " + issuer);
            }
            URI keys = JSONObjectUtils.getURI(metadata, "jwks_uri");
            if (keys == null) {
                throw new IOException("the issuer names no jwks_uri");
            }
            return keys;
        }
    }

    /** Ends a request that takes too long in total: the timeout of a read restarts with each byte. */
    private static final class BoundedRetriever extends DefaultResourceRetriever {

        BoundedRetriever() {
            super((int) TIMEOUT.toMillis(), (int) TIMEOUT.toMillis(), MAX_BYTES);
        }

        @Override
        protected HttpURLConnection openHTTPConnection(URL url) throws IOException {
            HttpURLConnection connection = super.openHTTPConnection(url);
            CompletableFuture.delayedExecutor(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(connection::disconnect);
            return connection;
        }
    }
}
