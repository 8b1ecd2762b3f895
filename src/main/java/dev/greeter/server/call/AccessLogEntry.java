package dev.greeter.server.call;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.greeter.service.WebPeer;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** The entry of one call in the access log, written when the call ends. */
final class AccessLogEntry extends ServerStreamTracer {

    static final Context.Key<AccessLogEntry> CURRENT = Context.key("access-log");

    private static final Logger log = (Logger) LoggerFactory.getLogger("access");
    private static final String NONE = "-";

    private final long start = System.nanoTime();
    private final String method;
    private final @Nullable WebPeer web;
    private volatile @Nullable Object peer;
    private volatile String traceId = NONE;
    private volatile String user = NONE;
    private @Nullable Deadline deadline;
    private @Nullable CallDeadline limit;
    private volatile int received;
    private volatile int sent;

    /** @param web who calls by the web port, null for whoever calls by gRPC */
    AccessLogEntry(String method, @Nullable WebPeer web) {
        this.method = method;
        this.web = web;
        if (web != null) {
            peer = web.address();
        }
    }

    void trace(String id) {
        traceId = id;
    }

    void user(String name) {
        user = name;
    }

    @Override
    public Context filterContext(Context call) {
        deadline = call.getDeadline();
        limit = CallDeadline.of(call);
        return call.withValue(CURRENT, this);
    }

    /** Not called for unknown methods: grpc-java does not report their callers. */
    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
        if (web == null) {
            peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        }
    }

    @Override
    public void inboundMessage(int number) {
        received = number + 1;
    }

    @Override
    public void outboundMessage(int number) {
        sent = number + 1;
    }

    @Override
    public void streamClosed(Status status) {
        write(ClientStatus.of(status, deadline, limit));
    }

    private void write(Status.Code status) {
        if (log.isInfoEnabled()) {
            log.callAppenders(new Line(log, this, status, System.nanoTime() - start));
        }
    }

    private String peer() {
        return Objects.requireNonNullElse(peer, NONE).toString();
    }

    /** A line of the access log. The thread that writes the log formats it, and not the event loop on which a call ends. */
    private static final class Line extends LoggingEvent {

        private final AccessLogEntry call;
        private final Status.Code status;
        private final long nanos;
        private @Nullable String text;

        Line(Logger log, AccessLogEntry call, Status.Code status, long nanos) {
            super(AccessLogEntry.class.getName(), log, Level.INFO, null, null, null);
            this.call = call;
            this.status = status;
            this.nanos = nanos;
        }

        /** Called before another thread gets the line: formats nothing. */
        @Override
        public void prepareForDeferredProcessing() {
            getThreadName();
            getMDCPropertyMap();
        }

        @Override
        public String getMessage() {
            return getFormattedMessage();
        }

        @Override
        public String getFormattedMessage() {
            if (text == null) {
                StringBuilder line = new StringBuilder(160);
                line.append(LogText.of(call.method)).append(' ').append(status).append(' ');
                milliseconds(line);
                line.append("ms received=")
                        .append(call.received)
                        .append(" sent=")
                        .append(call.sent);
                line.append(" peer=").append(LogText.of(call.peer()));
                line.append(" user=").append(LogText.of(call.user));
                line.append(" trace=").append(call.traceId);
                text = call.web != null ? line.append(" via=web").toString() : line.toString();
            }
            return text;
        }

        @Override
        public List<KeyValuePair> getKeyValuePairs() {
            return List.of(
                    new KeyValuePair("rpc.method", call.method),
                    new KeyValuePair("rpc.status", status),
                    new KeyValuePair("rpc.duration_ms", nanos / 1e6),
                    new KeyValuePair("rpc.received", call.received),
                    new KeyValuePair("rpc.sent", call.sent),
                    new KeyValuePair("client.address", call.peer()),
                    new KeyValuePair("rpc.via", call.web != null ? "web" : "grpc"),
                    new KeyValuePair("user.name", call.user),
                    new KeyValuePair("trace.id", call.traceId));
        }

        /** As {@code String.format("%.3f")} does, which takes longer than the rest of the line. */
        private void milliseconds(StringBuilder line) {
            long micros = TimeUnit.NANOSECONDS.toMicros(nanos + 500);
            long fraction = micros % 1000;
            line.append(micros / 1000).append('.');
            line.append((char) ('0' + fraction / 100));
            line.append((char) ('0' + fraction / 10 % 10));
            line.append((char) ('0' + fraction % 10));
        }
    }
}
