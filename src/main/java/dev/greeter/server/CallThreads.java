package dev.greeter.server;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Leaves open calls of services that never block on the event loop and moves all others to workers: checking
 * credentials may wait for keys. Stands outside the rest of the chain, which runs where the call does.
 */
final class CallThreads implements ServerInterceptor {

    private final Set<String> nonBlocking;
    private final AccessTable access;
    private final Executor workers;

    /** @param nonBlocking full names of services */
    CallThreads(Set<String> nonBlocking, AccessTable access, Executor workers) {
        this.nonBlocking = nonBlocking;
        this.access = access;
        this.workers = workers;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (stayOnEventLoop(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        return new WorkerListener<>(call, headers, next, workers);
    }

    boolean stayOnEventLoop(MethodDescriptor<?, ?> method) {
        String service = String.valueOf(method.getServiceName());
        return access.of(method).open() && (nonBlocking.contains(service) || service.startsWith("grpc."));
    }

    /** Hands what happens to a call over to workers, one event at a time. */
    private static final class WorkerListener<ReqT, RespT> extends ServerCall.Listener<ReqT> {

        private final ServerCall<ReqT, RespT> call;
        private final Executor worker;
        private ServerCall.Listener<ReqT> listener = new ServerCall.Listener<>() {};

        WorkerListener(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next, Executor workers) {
            this.call = call;
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
            handOver(() -> listener.onCancel());
        }

        @Override
        public void onComplete() {
            handOver(() -> listener.onComplete());
        }

        private void handOver(Runnable event) {
            worker.execute(() -> {
                try {
                    event.run();
                } catch (RuntimeException | Error e) {
                    // As grpc-java does on its own threads; nothing but an interceptor can throw this far.
                    call.close(Status.UNKNOWN.withCause(e), new Metadata());
                    throw e;
                }
            });
        }
    }
}
