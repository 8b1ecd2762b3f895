package dev.greeter.server.socket;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.DecompressorRegistry;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** The limits and meters that all instances of {@link RequestGuard} share. */
final class StreamLimits implements MeterBinder {

    /** Header blocks below this part of the limit are not measured: only repetition by HPACK could exceed it. */
    private static final int LARGE = 8;

    private final int maxMetadata;
    private final LimitSettings settings;
    private final DecompressorRegistry decompressors;
    private final Refusals refusals;
    private final LongAdder strayFrames = new LongAdder();
    private final LongAdder endedConnections = new LongAdder();

    StreamLimits(int maxMetadata, LimitSettings settings, DecompressorRegistry decompressors, Refusals refusals) {
        this.refusals = refusals;
        this.maxMetadata = maxMetadata;
        this.settings = settings;
        this.decompressors = decompressors;
    }

    int maxMetadata() {
        return maxMetadata;
    }

    int largeHeaders() {
        return maxMetadata / LARGE;
    }

    int maxResetsPerSecond() {
        return settings.resetsPerSecond();
    }

    int maxCalls() {
        return settings.concurrentCallsPerConnection();
    }

    Duration handshakeTimeout() {
        return settings.handshakeTimeout();
    }

    boolean knowsEncoding(String encoding) {
        return decompressors.lookupDecompressor(encoding) != null;
    }

    void countMalformedHeaders() {
        refusals.count(Refusal.HEADERS_MALFORMED);
    }

    void countStrayFrame() {
        strayFrames.increment();
    }

    void countEndedConnection() {
        endedConnections.increment();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bind("STRAY_FRAME", strayFrames, registry);
        bind("RESET_LIMIT", endedConnections, registry);
    }

    private static void bind(String reason, LongAdder count, MeterRegistry registry) {
        FunctionCounter.builder("grpc.server.refusals", count, LongAdder::sum)
                .description("Calls and connections that were refused")
                .tag("reason", reason)
                .register(registry);
    }
}
