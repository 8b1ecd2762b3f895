package dev.greeter.test;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer of tokens with its keys on a loopback HTTP server. */
public final class TestIssuer implements AutoCloseable {

    public static final String AUDIENCE = "greeter";

    private final HttpServer server;
    private final AtomicInteger keyRequests = new AtomicInteger();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private volatile CountDownLatch dripping = new CountDownLatch(0);
    private volatile String keysPath = "/keys";
    private volatile String foreignKeys = "";
    private volatile RSAKey key = newKey("first");

    public TestIssuer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext(
                "/.well-known/openid-configuration",
                exchange -> answer(exchange, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}".formatted(uri(), keysUri())));
        serveKeys();
        server.setExecutor(executor);
        server.start();
    }

    private void serveKeys() {
        server.createContext(keysPath, exchange -> {
            keyRequests.incrementAndGet();
            String keys = new JWKSet(key.toPublicJWK()).toString();
            if (dripping.getCount() > 0) {
                drip(exchange);
            } else {
                answer(exchange, keys.replace("{\"keys\":[", "{\"keys\":[" + foreignKeys));
            }
        });
    }

    /** Publishes these keys in JSON, each with a comma behind it, before its own. */
    public void publish(String keys) {
        foreignKeys = keys;
    }

    /** Moves its keys to another URL. */
    public void moveKeys() {
        server.removeContext(keysPath);
        keysPath = "/moved";
        serveKeys();
    }

    /** Sends its keys one byte at a time, until the latch is down. */
    public void drip(CountDownLatch end) {
        dripping = end;
    }

    private void drip(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            while (!dripping.await(100, TimeUnit.MILLISECONDS)) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static RSAKey newKey(String name) {
        try {
            return new RSAKeyGenerator(2048).keyID(name).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public String uri() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    public String keysUri() {
        return uri() + keysPath;
    }

    public RSAKey key() {
        return key;
    }

    /** Publishes another key instead of the first. */
    public void rotate() {
        key = newKey("rotated " + UUID.randomUUID());
    }

    public int keyRequests() {
        return keyRequests.get();
    }

    /** Returns claims that are valid, with the scopes. */
    public JWTClaimsSet.Builder claims(String scopes) {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer(uri())
                .audience(AUDIENCE)
                .subject("caller")
                .claim("scope", scopes)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(600)));
    }

    public String token(String scopes) {
        return sign(claims(scopes).build(), key);
    }

    public static String sign(JWTClaimsSet claims, RSAKey key) {
        try {
            SignedJWT token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .type(JOSEObjectType.JWT)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        try (exchange) {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
