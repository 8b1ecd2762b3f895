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
 * Ends the streams that do not end by themselves when the server stops, because each would delay the stop for the whole
 * grace period: a health watch waits for changes, a reflection stream for requests, and services mark others as
 * {@code EndlessStream}. Requires calls whose first close wins, such as those behind {@code ChainOrder.CALL_END}.
 */
final class EndlessCallInterceptor implements ServerInterceptor {

    private static final Status STOPPING = Status.UNAVAILABLE.withDescription("The server is stopping.");

    private final Set<String> marked;
    private final Set<EndlessCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    /** @param marked full names of the endless methods of services */
    EndlessCallInterceptor(Set<String> marked) {
        this.marked = marked;
    }

    void admit() {
        ending = false;
    }

    /** Ends the open streams now, and each later stream when its request has been answered. */
    void end() {
        ending = true;
        open.forEach(EndlessCall::end);
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (!isEndless(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        EndlessCall<ReqT, RespT> stream = new EndlessCall<>(call);
        ServerCall.Listener<ReqT> service = next.startCall(stream, headers);
        open.add(stream);
        return new EndlessListener<>(service, stream);
    }

    private boolean isEndless(MethodDescriptor<?, ?> method) {
        return method.getType() != MethodType.UNARY
                && (method.getFullMethodName().startsWith("grpc.") || marked.contains(method.getFullMethodName()));
    }

    /** A call that is cancelled for its service once the server has ended it. */
    private static final class EndlessCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private volatile boolean ended;

        EndlessCall(ServerCall<ReqT, RespT> call) {
            super(call);
        }

        void end() {
            ended = true;
            close(STOPPING, new Metadata());
        }

        @Override
        public boolean isCancelled() {
            return ended || super.isCancelled();
        }
    }

    private final class EndlessListener<ReqT> extends SimpleForwardingServerCallListener<ReqT> {

        private final EndlessCall<ReqT, ?> call;

        EndlessListener(ServerCall.Listener<ReqT> service, EndlessCall<ReqT, ?> call) {
            super(service);
            this.call = call;
        }

        @Override
        public void onMessage(ReqT message) {
            super.onMessage(message);
            if (!call.getMethodDescriptor().getType().clientSendsOneMessage()) {
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
                call.end();
            }
        }

        @Override
        public void onComplete() {
            open.remove(call);
            if (call.ended) {
                super.onCancel();
            } else {
                super.onComplete();
            }
        }

        @Override
        public void onCancel() {
            open.remove(call);
            super.onCancel();
        }
    }
}
