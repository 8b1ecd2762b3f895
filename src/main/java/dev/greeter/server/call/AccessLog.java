package dev.greeter.server.call;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;

/**
 * Writes one line per call to the log "access". Traces streams rather than interceptor calls, as {@link CallTracer}
 * does: that sees calls of unknown methods and what is refused before the chain.
 */
final class AccessLog extends ServerStreamTracer.Factory {

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new AccessLogEntry(fullMethodName);
    }
}
