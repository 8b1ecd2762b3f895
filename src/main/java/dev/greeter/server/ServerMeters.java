package dev.greeter.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** Exports what is counted where calls and connections are let in or refused. */
final class ServerMeters implements MeterBinder {

    private final ConnectionLimiter connections;

    ServerMeters(ConnectionLimiter connections) {
        this.connections = connections;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("grpc.server.connections", connections, ConnectionLimiter::open)
                .description("Connections that are open")
                .register(registry);
        for (Refusal refusal : Refusal.values()) {
            bind(refusal.name(), refusal, Refusal::count, registry);
        }
        bind("CONNECTION_LIMIT", connections, ConnectionLimiter::refused, registry);
    }

    private static <T> void bind(String reason, T counted, ToDoubleFunction<T> count, MeterRegistry registry) {
        FunctionCounter.builder("grpc.server.refusals", counted, count)
                .description("Calls and connections that were refused")
                .tag("reason", reason)
                .register(registry);
    }
}
