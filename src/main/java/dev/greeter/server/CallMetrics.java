package dev.greeter.server;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times every call by its method and the status its caller saw. Traces streams rather than interceptor
 * calls: that sees calls of unknown methods and what the transport refuses, and costs one object per call.
 */
final class CallMetrics extends ServerStreamTracer.Factory {

    private final MeterRegistry registry;
    private final MethodMeters unknown;
    private final Map<String, MethodMeters> methods = new ConcurrentHashMap<>();

    CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.unknown = MethodMeters.ofUnknownMethods(registry);
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new CallTracer();
    }

    private final class CallTracer extends ServerStreamTracer {

        private final long start = System.nanoTime();
        private MethodMeters method = unknown;
        private @Nullable Deadline deadline;

        @Override
        public Context filterContext(Context call) {
            deadline = call.getDeadline();
            return call;
        }

        /** Is not called for unknown methods. */
        @Override
        public void serverCallStarted(ServerCallInfo<?, ?> call) {
            String name = call.getMethodDescriptor().getFullMethodName();
            MethodMeters known = methods.get(name);
            method = known != null
                    ? known
                    : methods.computeIfAbsent(name, key -> MethodMeters.of(call.getMethodDescriptor(), registry));
            method.started();
        }

        @Override
        public void inboundMessage(int number) {
            method.received();
        }

        @Override
        public void outboundMessage(int number) {
            method.sent();
        }

        @Override
        public void streamClosed(Status status) {
            if (method != unknown) {
                method.ended();
            }
            method.record(SeenStatus.of(status, deadline), System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }
}
