package dev.greeter.server.call;

import dev.greeter.service.Refusal;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** Exports how many calls were refused, and why. */
final class ServerMeters implements MeterBinder {

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Refusal refusal : Refusal.values()) {
            FunctionCounter.builder("grpc.server.refusals", refusal, Refusal::count)
                    .description("Calls and connections that were refused")
                    .tag("reason", refusal.name())
                    .register(registry);
        }
    }
}
