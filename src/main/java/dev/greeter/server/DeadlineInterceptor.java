package dev.greeter.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.util.HashedWheelTimer;
import io.grpc.netty.shaded.io.netty.util.Timer;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** Ends a call with the status DEADLINE_EXCEEDED when its {@link CallDeadline} passes, and its work as if cancelled. */
final class DeadlineInterceptor implements ServerInterceptor, AutoCloseable {

    private static final Status MALFORMED = Status.INTERNAL
            .withDescription("The header grpc-timeout is malformed.")
            .withCause(CallerMistake.INSTANCE);

    // To start and stop a timer of the wheel costs some 100 ns, and nearly every call stops its timer unused.
    private final Timer timer =
            new HashedWheelTimer(new DefaultThreadFactory("call-deadlines", true), 10, TimeUnit.MILLISECONDS);

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        CallDeadline deadline = CallDeadline.current();
        if (deadline == null) {
            return next.startCall(call, headers);
        }
        if (!deadline.isWellFormed()) {
            call.close(MALFORMED, new Metadata());
            return new ServerCall.Listener<>() {};
        }
        deadline.keep(call, timer);
        ServerCall<ReqT, RespT> limited = new SimpleForwardingServerCall<>(call) {
            @Override
            public boolean isCancelled() {
                return deadline.isExceeded() || super.isCancelled();
            }
        };
        return new SimpleForwardingServerCallListener<>(next.startCall(limited, headers)) {
            @Override
            public void onComplete() {
                if (deadline.isExceeded()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }

    @Override
    public void close() {
        timer.stop();
    }
}
