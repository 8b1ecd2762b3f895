package dev.greeter.server.threads;

import com.google.common.util.concurrent.MoreExecutors;
import dev.greeter.server.MethodDetail;
import dev.greeter.service.Caller;
import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Runs the calls of services that never block on the event loop, unless credentials have to be verified, which may wait
 * for keys; and all others on workers. The calls on workers are limited, streams separately from unary calls, so that
 * long calls cannot use the slots of short ones. The rest of the chain runs where the call does.
 */
final class CallThreads implements ServerInterceptor, MethodDetail, MeterBinder {

    private static final Duration PATIENCE = Duration.ofMillis(250);

    private final Refusals refusals;
    private final Set<String> nonBlocking;
    private final Predicate<MethodDescriptor<?, ?>> open;
    private final WorkerSettings settings;
    private final WorkerSlots calls;
    private final WorkerSlots streams;

    /**
     * @param nonBlocking full names of the services that never block
     * @param open returns whether every caller may call a method
     */
    CallThreads(
            Set<String> nonBlocking,
            Predicate<MethodDescriptor<?, ?>> open,
            Executor workers,
            WorkerSettings settings,
            Refusals refusals) {
        this.refusals = refusals;
        this.nonBlocking = nonBlocking;
        this.open = open;
        this.settings = settings;
        this.calls = new WorkerSlots(workers, settings.maxCalls(), PATIENCE, refusals);
        this.streams = new WorkerSlots(workers, settings.maxStreams(), PATIENCE, refusals);
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        MethodDescriptor<ReqT, RespT> method = call.getMethodDescriptor();
        if (neverBlocks(method) && (open.test(method) || Caller.KEY.get() != null)) {
            return next.startCall(call, headers);
        }
        WorkerSlots slots = method.getType() == MethodType.UNARY ? calls : streams;
        Executor worker = slots.admit(call);
        if (worker == null) {
            return refusals.close(call, Refusal.WORKERS_BUSY);
        }
        return new WorkerListener<>(call, headers, next, worker, slots);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bind("calls", calls, settings.maxCalls(), registry);
        bind("streams", streams, settings.maxStreams(), registry);
    }

    private static void bind(String kind, WorkerSlots slots, int limit, MeterRegistry registry) {
        Gauge.builder("grpc.server.workers.active", slots, kept -> limit - kept.free())
                .description("Calls on workers")
                .tag("kind", kind)
                .register(registry);
        Gauge.builder("grpc.server.workers.max", () -> limit)
                .description("Maximum number of calls on workers")
                .tag("kind", kind)
                .register(registry);
    }

    @Override
    public String key() {
        return "executor";
    }

    @Override
    public String describe(MethodDescriptor<?, ?> method) {
        if (!neverBlocks(method)) {
            return "workers";
        }
        return open.test(method) ? "event loop" : "event loop, or workers to verify credentials";
    }

    private boolean neverBlocks(MethodDescriptor<?, ?> method) {
        String service = String.valueOf(method.getServiceName());
        return nonBlocking.contains(service) || service.startsWith("grpc.");
    }

    /** Passes the events of a call to workers, one at a time, and frees its slot at the end of its work. */
    private static final class WorkerListener<ReqT, RespT> extends ServerCall.Listener<ReqT> {

        private final ServerCall<ReqT, RespT> call;
        private final Executor worker;
        private final WorkerSlots slots;
        private ServerCall.Listener<ReqT> listener = new ServerCall.Listener<>() {};

        WorkerListener(
                ServerCall<ReqT, RespT> call,
                Metadata headers,
                ServerCallHandler<ReqT, RespT> next,
                Executor workers,
                WorkerSlots slots) {
            this.call = call;
            this.slots = slots;
            this.worker = Context.currentContextExecutor(MoreExecutors.newSequentialExecutor(workers));
            handOver(() -> listener = next.startCall(call, headers));
        }

        @Override
        public void onMessage(ReqT message) {
            handOver(() -> listener.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            handOver(() -> listener.onHalfClose());
        }

        @Override
        public void onReady() {
            handOver(() -> listener.onReady());
        }

        @Override
        public void onCancel() {
            handOver(() -> {
                try {
                    listener.onCancel();
                } finally {
                    slots.release();
                }
            });
        }

        @Override
        public void onComplete() {
            handOver(() -> {
                try {
                    listener.onComplete();
                } finally {
                    slots.release();
                }
            });
        }

        private void handOver(Runnable event) {
            worker.execute(() -> {
                try {
                    event.run();
                } catch (RuntimeException | Error e) {
                    // As grpc-java does on its own threads; only an interceptor can throw here.
                    call.close(Status.UNKNOWN.withCause(e), new Metadata());
                    throw e;
                }
            });
        }
    }
}
