package dev.greeter.server;

import io.grpc.MethodDescriptor;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of each method, and one set for all that are unknown: of those callers can invent as many as they like. */
final class CallMetrics {

    private final MeterRegistry registry;
    private final MethodMeters unknown;
    private final Map<String, MethodMeters> methods = new ConcurrentHashMap<>();

    CallMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.unknown = MethodMeters.ofUnknownMethods(registry);
    }

    MethodMeters unknown() {
        return unknown;
    }

    /** @param method one that is served */
    MethodMeters of(MethodDescriptor<?, ?> method) {
        String name = method.getFullMethodName();
        MethodMeters known = methods.get(name);
        return known != null ? known : methods.computeIfAbsent(name, key -> MethodMeters.of(method, registry));
    }
}
