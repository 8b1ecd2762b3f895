package dev.greeter.server;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;

/** Gives every call the one tracer that keeps its deadline and counts it: gRPC asks each tracer with every message. */
final class CallTracers extends ServerStreamTracer.Factory {

    private final CallDeadlines deadlines;
    private final CallMetrics metrics;

    CallTracers(CallDeadlines deadlines, CallMetrics metrics) {
        this.deadlines = deadlines;
        this.metrics = metrics;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new CallTracer(deadlines.of(method, headers), metrics);
    }
}
