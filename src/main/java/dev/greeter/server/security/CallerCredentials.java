package dev.greeter.server.security;

import com.google.common.base.CharMatcher;
import dev.greeter.service.Refusal;
import dev.greeter.service.Refusal.RefusedException;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.InternalMetadata;
import io.grpc.InternalMetadata.TrustedAsciiMarshaller;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;

/**
 * Authenticates the caller of a call by its token, or without a token by the client certificate of its connection. The
 * verification of a token may wait for the keys of the issuer.
 */
final class CallerCredentials {

    private static final Logger log = LoggerFactory.getLogger(CallerCredentials.class);

    /** The bytes as they came: most calls repeat a token, which then needs no copy. */
    private static final Metadata.Key<byte[]> AUTHORIZATION =
            InternalMetadata.keyOf("authorization", new TrustedAsciiMarshaller<byte[]>() {
                @Override
                public byte[] toAsciiString(byte[] value) {
                    return value;
                }

                @Override
                public byte[] parseAsciiString(byte[] serialized) {
                    return serialized;
                }
            });

    private static final String SCHEME = "Bearer ";

    /** The characters of RFC 6750, section 2.1; a regular expression would take longer than the other checks. */
    private static final CharMatcher TOKEN = CharMatcher.inRange('A', 'Z')
            .or(CharMatcher.inRange('a', 'z'))
            .or(CharMatcher.inRange('0', '9'))
            .or(CharMatcher.anyOf("-._~+/="))
            .precomputed();

    private final JwtDecoder decoder;
    private final VerifiedCallers callers;
    private final Converter<Jwt, ? extends AbstractAuthenticationToken> converter;
    private final CertificateCallers certificates;
    private final int maxTokenLength;

    CallerCredentials(
            JwtDecoder decoder,
            VerifiedCallers callers,
            Converter<Jwt, ? extends AbstractAuthenticationToken> converter,
            CertificateCallers certificates,
            int maxTokenLength) {
        this.decoder = decoder;
        this.callers = callers;
        this.converter = converter;
        this.certificates = certificates;
        this.maxTokenLength = maxTokenLength;
    }

    /** Returns the caller if nothing has to be verified for it, and else null; does not wait. */
    @Nullable
    VerifiedCaller known(Attributes connection, Metadata headers) {
        Iterable<byte[]> credentials = headers.getAll(AUTHORIZATION);
        if (credentials == null) {
            return certificates.caller(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        }
        byte[] only = only(credentials);
        return only == null ? null : callers.get(only);
    }

    VerifiedCaller verify(Attributes connection, Metadata headers) throws RefusedException {
        VerifiedCaller known = known(connection, headers);
        if (known != null) {
            return known;
        }
        Iterable<byte[]> credentials = headers.getAll(AUTHORIZATION);
        if (credentials == null) {
            throw new RefusedException(Refusal.CREDENTIALS_MISSING);
        }
        byte[] only = only(credentials);
        if (only == null) {
            throw new RefusedException(Refusal.CREDENTIALS_MALFORMED);
        }
        VerifiedCaller caller = byToken(token(new String(only, StandardCharsets.US_ASCII)));
        callers.put(only, caller);
        return caller;
    }

    private static byte @Nullable [] only(Iterable<byte[]> credentials) {
        Iterator<byte[]> values = credentials.iterator();
        byte[] first = values.next();
        return values.hasNext() ? null : first;
    }

    private String token(String credentials) throws RefusedException {
        if (credentials.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            String token = credentials.substring(SCHEME.length());
            if (!token.isEmpty() && token.length() <= maxTokenLength && TOKEN.matchesAllOf(token)) {
                return token;
            }
        }
        throw new RefusedException(Refusal.CREDENTIALS_MALFORMED);
    }

    private VerifiedCaller byToken(String token) throws RefusedException {
        try {
            Jwt jwt = decoder.decode(token);
            Authentication caller = converter.convert(jwt);
            if (caller == null) {
                throw new RefusedException(Refusal.TOKEN_INVALID);
            }
            return VerifiedCaller.of(caller, Objects.requireNonNullElse(jwt.getExpiresAt(), Instant.MAX));
        } catch (BadJwtException e) {
            if (log.isDebugEnabled()) {
                log.debug("A token was refused: {}", reason(e));
            }
            throw new RefusedException(Refusal.TOKEN_INVALID);
        } catch (JwtException e) {
            throw new RefusedException(Refusal.KEYS_UNAVAILABLE);
        } catch (ClassCastException | IllegalArgumentException e) {
            // Spring Security expects claims of the usual types.
            log.debug("A token was refused: a claim has an unusual type");
            throw new RefusedException(Refusal.TOKEN_INVALID);
        }
    }

    /** Omits the message of the exception, which quotes what the caller sent. */
    private static Object reason(BadJwtException failure) {
        return failure instanceof JwtValidationException invalid
                ? invalid.getErrors().stream().map(OAuth2Error::getDescription).toList()
                : "malformed or not signed by a known key";
    }
}
