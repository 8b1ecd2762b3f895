package dev.greeter.server;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Leaves open calls of services that never block on the event loop and moves all others to workers: checking
 * credentials may wait for keys.
 */
final class CallThreads implements ServerCallExecutorSupplier {

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
    public <ReqT, RespT> @Nullable Executor getExecutor(ServerCall<ReqT, RespT> call, Metadata headers) {
        return stayOnEventLoop(call.getMethodDescriptor()) ? null : workers;
    }

    boolean stayOnEventLoop(MethodDescriptor<?, ?> method) {
        if (!access.of(method).open()) {
            return false;
        }
        String service = String.valueOf(method.getServiceName());
        return nonBlocking.contains(service) || service.startsWith("grpc.");
    }
}
