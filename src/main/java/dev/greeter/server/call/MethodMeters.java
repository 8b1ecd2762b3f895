package dev.greeter.server.call;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The meters of one method, under the names and tags of Micrometer's interceptor for gRPC. */
final class MethodMeters {

    private static final String UNKNOWN = "unknown";

    private final MeterRegistry registry;
    private final Tags tags;
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final LongAdder active = new LongAdder();
    private final AtomicReferenceArray<@Nullable Timer> timers =
            new AtomicReferenceArray<>(Status.Code.values().length);

    private MethodMeters(String service, String method, String type, MeterRegistry registry) {
        this.registry = registry;
        this.tags = Tags.of("service", service, "method", method, "methodType", type);
        FunctionCounter.builder("grpc.server.requests.received", received, LongAdder::sum)
                .description("Messages received")
                .baseUnit("messages")
                .tags(tags)
                .register(registry);
        FunctionCounter.builder("grpc.server.responses.sent", sent, LongAdder::sum)
                .description("Messages sent")
                .baseUnit("messages")
                .tags(tags)
                .register(registry);
        Gauge.builder("grpc.server.processing.active", active, LongAdder::sum)
                .description("Calls in flight")
                .tags(tags)
                .register(registry);
    }

    static MethodMeters of(MethodDescriptor<?, ?> method, MeterRegistry registry) {
        return new MethodMeters(
                String.valueOf(method.getServiceName()),
                String.valueOf(method.getBareMethodName()),
                method.getType().name(),
                registry);
    }

    /** Returns the meters that all unknown methods share. */
    static MethodMeters ofUnknownMethods(MeterRegistry registry) {
        return new MethodMeters(UNKNOWN, UNKNOWN, MethodDescriptor.MethodType.UNKNOWN.name(), registry);
    }

    void started() {
        active.increment();
    }

    void received() {
        received.increment();
    }

    void sent() {
        sent.increment();
    }

    void ended() {
        active.decrement();
    }

    void record(Status.Code status, long duration, TimeUnit unit) {
        timer(status).record(duration, unit);
    }

    private Timer timer(Status.Code status) {
        Timer timer = timers.get(status.value());
        if (timer == null) {
            timer = Timer.builder("grpc.server.processing.duration")
                    .description("Time from the headers of the request to the end of the call")
                    .tags(tags)
                    .tag("statusCode", status.name())
                    .register(registry);
            timers.set(status.value(), timer);
        }
        return timer;
    }
}
