package dev.greeter.server.web;

import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Allows pages of other origins to call, by the CORS protocol. */
final class Cors {

    private static final String ANY = "*";

    /** The headers of Connect and gRPC-Web clients that are not allowed by default. */
    private static final String ALLOWED_HEADERS = "authorization, connect-accept-encoding, connect-content-encoding,"
            + " connect-protocol-version, connect-timeout-ms, content-encoding, content-type, grpc-accept-encoding,"
            + " grpc-encoding, grpc-timeout, traceparent, tracestate, x-grpc-web, x-user-agent";

    private static final Set<String> EXPOSED_HEADERS = Set.of(
            "connect-content-encoding", "grpc-encoding", "grpc-message", "grpc-status", "grpc-status-details-bin");

    private static final Duration MAX_AGE = Duration.ofHours(2);

    private final Set<String> origins;

    Cors(Collection<String> origins) {
        this.origins = Set.copyOf(origins);
    }

    static boolean isPreflight(HttpRequest request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains(HttpHeaderNames.ORIGIN)
                && request.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    Grant grant(HttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        boolean any = origins.contains(ANY);
        return new Grant(
                origin == null || !(any || origins.contains(origin)) ? null : any ? ANY : origin, origins.isEmpty());
    }

    /** Adds to the answer of a preflight request the methods and headers that the page may use. */
    static void allow(HttpRequest preflight, HttpHeaders headers) {
        String more = preflight.headers().get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
        headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST")
                .set(
                        HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
                        more == null || more.isBlank() ? ALLOWED_HEADERS : ALLOWED_HEADERS + ", " + more)
                .set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, MAX_AGE.toSeconds());
    }

    /**
     * What a page may read.
     *
     * @param origin as the answer names it, null where the page may read nothing
     * @param always whether answers are the same for each origin
     */
    record Grant(@Nullable String origin, boolean always) {

        boolean isGiven() {
            return origin != null;
        }

        void addTo(HttpHeaders headers) {
            if (!always) {
                headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
            }
            if (origin != null) {
                Set<String> exposed = new TreeSet<>(EXPOSED_HEADERS);
                exposed.addAll(headers.names());
                headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                        .set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, String.join(", ", exposed));
            }
        }
    }
}
