package dev.greeter.service;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Refuses calls and counts the refusals by reason. */
public final class Refusals {

    private final Map<Refusal, LongAdder> counts = new EnumMap<>(Refusal.class);
    private final Map<Refusal, StatusRuntimeException> failures = new EnumMap<>(Refusal.class);

    public Refusals(MeterRegistry registry) {
        for (Refusal refusal : Refusal.values()) {
            LongAdder count = new LongAdder();
            counts.put(refusal, count);
            failures.put(refusal, refusal.failure(""));
            FunctionCounter.builder("grpc.server.refusals", count, LongAdder::sum)
                    .description("Calls and connections that were refused")
                    .tag("reason", refusal.name())
                    .register(registry);
        }
    }

    /** Closes the call instead of throwing, so that every interceptor outside sees its end. */
    @SuppressWarnings("NullAway") // each refusal has one
    public <ReqT> ServerCall.Listener<ReqT> close(ServerCall<ReqT, ?> call, Refusal refusal) {
        return close(call, refusal, failures.get(refusal));
    }

    /**
     * Closes the call because a scope is missing.
     *
     * @param scope that the caller lacks
     */
    public <ReqT> ServerCall.Listener<ReqT> close(ServerCall<ReqT, ?> call, Refusal refusal, String scope) {
        return close(call, refusal, refusal.failure(scope));
    }

    /** Gives the call its own trailers, which interceptors outside may change. */
    private <ReqT> ServerCall.Listener<ReqT> close(
            ServerCall<ReqT, ?> call, Refusal refusal, StatusRuntimeException failure) {
        count(refusal);
        Metadata trailers = new Metadata();
        if (failure.getTrailers() != null) {
            trailers.merge(failure.getTrailers());
        }
        call.close(failure.getStatus(), trailers);
        return new ServerCall.Listener<>() {};
    }

    /** Counts a call that another class refuses, and returns the failure for its caller. */
    public StatusRuntimeException refuse(Refusal refusal) {
        count(refusal);
        return refusal.failure("");
    }

    /** Counts a call that another class has refused. */
    @SuppressWarnings("NullAway") // each refusal has one
    public void count(Refusal refusal) {
        counts.get(refusal).increment();
    }
}
