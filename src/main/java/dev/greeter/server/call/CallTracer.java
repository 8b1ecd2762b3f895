package dev.greeter.server.call;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives a call its deadline, and counts and times it by its method and the status that its caller saw. It is a stream
 * tracer and not an interceptor: it also sees calls of unknown methods and calls that the transport refuses.
 */
final class CallTracer extends ServerStreamTracer {

    private final @Nullable CallDeadline limit;
    private final MethodMeters method;
    private final long start;
    private boolean started;
    private @Nullable Deadline deadline;

    /** @param limit the deadline, or null if the call may last forever */
    CallTracer(@Nullable CallDeadline limit, MethodMeters method) {
        this.limit = limit;
        this.method = method;
        this.start = limit == null ? System.nanoTime() : 0;
    }

    @Override
    public Context filterContext(Context root) {
        Context call = limit == null ? root : limit.apply(root);
        deadline = call.getDeadline();
        return call;
    }

    /** Not called for unknown methods. */
    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> call) {
        started = true;
        method.started();
    }

    @Override
    public void inboundMessage(int number) {
        method.received();
    }

    @Override
    public void outboundMessage(int number) {
        method.sent();
    }

    @Override
    public void streamClosed(Status status) {
        if (limit != null) {
            limit.callEnded();
        }
        if (started) {
            method.ended();
        }
        method.record(ClientStatus.of(status, deadline, limit), nanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns the duration of the call. A deadline knows its start, which saves reading the clock again. */
    private long nanos() {
        return limit == null ? System.nanoTime() - start : limit.nanosPassed();
    }
}
