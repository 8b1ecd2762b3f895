package dev.greeter.server.call;

import ch.qos.logback.classic.Logger;
import dev.greeter.service.WebPeer;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Grpc;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

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
            log.callAppenders(new AccessLogLine(log, this, status, System.nanoTime() - start));
        }
    }

    String method() {
        return method;
    }

    int received() {
        return received;
    }

    int sent() {
        return sent;
    }

    String peer() {
        return Objects.requireNonNullElse(peer, NONE).toString();
    }

    boolean byWeb() {
        return web != null;
    }

    String user() {
        return user;
    }

    String traceId() {
        return traceId;
    }
}
