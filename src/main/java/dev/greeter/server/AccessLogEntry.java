package dev.greeter.server;

import io.grpc.Context;
import io.grpc.Status;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the access log tells of one call. */
final class AccessLogEntry {

    static final Context.Key<AccessLogEntry> CURRENT = Context.key("access-log");

    private static final Logger log = LoggerFactory.getLogger("access");
    private static final String NONE = "-";

    private final long start = System.nanoTime();
    private final String method;
    private final String peer;
    private final String traceId;
    private volatile String user = NONE;
    private volatile Status.Code status = Status.Code.UNKNOWN;
    private volatile int received;
    private volatile int sent;

    AccessLogEntry(String method, String peer, @Nullable String traceId) {
        this.method = method;
        this.peer = peer;
        this.traceId = traceId == null ? NONE : traceId;
    }

    void user(String name) {
        user = name;
    }

    /** Is called by one thread at a time, as a call's messages arrive in order. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void received() {
        received++;
    }

    /** Is called by one thread at a time, as a {@link io.grpc.ServerCall} allows no more. */
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void sent() {
        sent++;
    }

    void closed(Status.Code code) {
        status = code;
    }

    /** The caller never saw the status, if there was one. */
    void cancelled() {
        status = Status.Code.CANCELLED;
    }

    void write() {
        double milliseconds = (System.nanoTime() - start) / 1e6;
        log.atInfo()
                .addKeyValue("rpc.method", method)
                .addKeyValue("rpc.status", status)
                .addKeyValue("rpc.duration_ms", milliseconds)
                .addKeyValue("rpc.received", received)
                .addKeyValue("rpc.sent", sent)
                .addKeyValue("client.address", peer)
                .addKeyValue("user.name", user)
                .addKeyValue("trace.id", traceId)
                .log(String.format(
                        Locale.ROOT,
                        "%s %s %.3fms received=%d sent=%d peer=%s user=%s trace=%s",
                        method,
                        status,
                        milliseconds,
                        received,
                        sent,
                        LogText.of(peer),
                        LogText.of(user),
                        traceId));
    }
}
