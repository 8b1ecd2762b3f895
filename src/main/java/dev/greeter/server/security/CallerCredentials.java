package dev.greeter.server.security;

import com.google.common.base.CharMatcher;
import dev.greeter.service.Refusal;
import dev.greeter.service.Refusal.RefusedException;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.util.Iterator;
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
 * Authenticates the caller of a call by its token, or without a token by the client certificate of its connection. May
 * wait for the keys of the issuer.
 */
final class CallerCredentials {

    private static final Logger log = LoggerFactory.getLogger(CallerCredentials.class);

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    /** The characters of RFC 6750, section 2.1; a regular expression would take longer than the other checks. */
    private static final CharMatcher TOKEN = CharMatcher.inRange('A', 'Z')
            .or(CharMatcher.inRange('a', 'z'))
            .or(CharMatcher.inRange('0', '9'))
            .or(CharMatcher.anyOf("-._~+/="))
            .precomputed();

    private final JwtDecoder decoder;
    private final Converter<Jwt, ? extends AbstractAuthenticationToken> callers;
    private final CertificateCallers certificates;
    private final int maxTokenLength;

    CallerCredentials(
            JwtDecoder decoder,
            Converter<Jwt, ? extends AbstractAuthenticationToken> callers,
            CertificateCallers certificates,
            int maxTokenLength) {
        this.decoder = decoder;
        this.callers = callers;
        this.certificates = certificates;
        this.maxTokenLength = maxTokenLength;
    }

    Authentication verify(Attributes connection, Metadata headers) throws RefusedException {
        Iterable<String> credentials = headers.getAll(AUTHORIZATION);
        if (credentials != null) {
            return byToken(token(credentials.iterator()));
        }
        Authentication caller = certificates.caller(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (caller == null) {
            throw new RefusedException(Refusal.CREDENTIALS_MISSING);
        }
        return caller;
    }

    private String token(Iterator<String> credentials) throws RefusedException {
        String value = credentials.next();
        if (!credentials.hasNext() && value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            String token = value.substring(SCHEME.length());
            if (!token.isEmpty() && token.length() <= maxTokenLength && TOKEN.matchesAllOf(token)) {
                return token;
            }
        }
        throw new RefusedException(Refusal.CREDENTIALS_MALFORMED);
    }

    private Authentication byToken(String token) throws RefusedException {
        try {
            AbstractAuthenticationToken caller = callers.convert(decoder.decode(token));
            if (caller == null) {
                throw new RefusedException(Refusal.TOKEN_INVALID);
            }
            return caller;
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
