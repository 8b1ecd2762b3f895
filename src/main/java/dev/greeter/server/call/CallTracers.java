package dev.greeter.server.call;

import dev.greeter.server.ServiceDefinitions;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerStreamTracer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gives every call one tracer for deadline and metrics, because grpc-java calls each tracer for every message. */
final class CallTracers extends ServerStreamTracer.Factory {

    private final Map<String, Traced> methods;

    /** Shared by all unknown methods, because callers can invent any number of them. */
    private final Traced unknown;

    CallTracers(
            Stream<BindableService> services, DeadlineSettings deadlines, DeadlineTimer timer, MeterRegistry registry) {
        this.methods = services.flatMap(service -> ServiceDefinitions.of(service).getMethods().stream())
                .map(ServerMethodDefinition::getMethodDescriptor)
                .collect(Collectors.toMap(
                        MethodDescriptor::getFullMethodName,
                        method -> new Traced(
                                CallDeadlines.of(method, deadlines, timer), MethodMeters.of(method, registry))));
        this.unknown =
                new Traced(CallDeadlines.ofUnaryCalls(deadlines, timer), MethodMeters.ofUnknownMethods(registry));
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String name, Metadata headers) {
        Traced method = methods.getOrDefault(name, unknown);
        return new CallTracer(method.deadlines.of(headers), method.meters);
    }

    private record Traced(CallDeadlines deadlines, MethodMeters meters) {}
}
