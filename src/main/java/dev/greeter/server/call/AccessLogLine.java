package dev.greeter.server.call;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** A line of the access log. The thread that writes the log formats it, and not the event loop on which a call ends. */
final class AccessLogLine extends LoggingEvent {

    private final AccessLogEntry call;
    private final Status.Code status;
    private final long nanos;
    private @Nullable String text;

    AccessLogLine(Logger log, AccessLogEntry call, Status.Code status, long nanos) {
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
            line.append(LogText.of(call.method())).append(' ').append(status).append(' ');
            milliseconds(line);
            line.append("ms received=").append(call.received()).append(" sent=").append(call.sent());
            line.append(" peer=").append(LogText.of(call.peer()));
            line.append(" user=").append(LogText.of(call.user()));
            line.append(" trace=").append(call.traceId());
            text = call.byWeb() ? line.append(" via=web").toString() : line.toString();
        }
        return text;
    }

    @Override
    public List<KeyValuePair> getKeyValuePairs() {
        return List.of(
                new KeyValuePair("rpc.method", call.method()),
                new KeyValuePair("rpc.status", status),
                new KeyValuePair("rpc.duration_ms", nanos / 1e6),
                new KeyValuePair("rpc.received", call.received()),
                new KeyValuePair("rpc.sent", call.sent()),
                new KeyValuePair("client.address", call.peer()),
                new KeyValuePair("rpc.via", call.byWeb() ? "web" : "grpc"),
                new KeyValuePair("user.name", call.user()),
                new KeyValuePair("trace.id", call.traceId()));
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
