package dev.greeter.server.lifecycle;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends the streams of gRPC's own services when the server stops: a health watch waits for changes and a reflection
 * stream for requests, and either would delay the stop for the whole grace period. Requires calls whose first close
 * wins, such as those behind {@code ChainOrder.CALL_END}.
 */
final class EndlessCallInterceptor implements ServerInterceptor {

    private static final Status STOPPING = Status.UNAVAILABLE.withDescription("The server is stopping.");

    private final Set<ServerCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    void admit() {
        ending = false;
    }

    /** Ends the open streams now, and each later stream when its request has been answered. */
    void end() {
        ending = true;
        open.forEach(call -> call.close(STOPPING, new Metadata()));
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        MethodDescriptor<ReqT, RespT> method = call.getMethodDescriptor();
        if (method.getType() == MethodType.UNARY || !method.getFullMethodName().startsWith("grpc.")) {
            return next.startCall(call, headers);
        }
        open.add(call);
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onMessage(ReqT message) {
                super.onMessage(message);
                if (!method.getType().clientSendsOneMessage()) {
                    endAfterAnswer();
                }
            }

            @Override
            public void onHalfClose() {
                super.onHalfClose();
                endAfterAnswer();
            }

            private void endAfterAnswer() {
                if (ending) {
                    call.close(STOPPING, new Metadata());
                }
            }

            @Override
            public void onComplete() {
                open.remove(call);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                open.remove(call);
                super.onCancel();
            }
        };
    }
}
