package dev.greeter.server.lifecycle;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
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
 * stream for questions, and either would hold the stop for the whole grace period.
 */
public final class EndlessCallInterceptor implements ServerInterceptor {

    private static final Status STOPPING = Status.UNAVAILABLE.withDescription("The server is stopping.");

    private final Set<ServerCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    void admit() {
        ending = false;
    }

    /** Ends the open streams now, and each further one behind its first answer. */
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
        ServerCall<ReqT, RespT> endable = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(RespT message) {
                super.sendMessage(message);
                if (ending) {
                    close(STOPPING, new Metadata());
                }
            }
        };
        open.add(endable);
        return new SimpleForwardingServerCallListener<>(next.startCall(endable, headers)) {
            @Override
            public void onComplete() {
                open.remove(endable);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                open.remove(endable);
                super.onCancel();
            }
        };
    }
}
