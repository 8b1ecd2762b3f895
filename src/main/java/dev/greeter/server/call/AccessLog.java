package dev.greeter.server.call;

import dev.greeter.service.WebPeer;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;

/**
 * Writes one line per call to the log "access". It is a stream tracer, like {@link CallTracer}, and not an interceptor:
 * it also sees calls of unknown methods and calls that are refused before the chain.
 */
final class AccessLog extends ServerStreamTracer.Factory {

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new AccessLogEntry(fullMethodName, WebPeer.of(headers));
    }
}
