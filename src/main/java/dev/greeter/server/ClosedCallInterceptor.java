package dev.greeter.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Lets the first close of a call win: grpc-java delivers a half-close that came with the message on which a call was
 * closed, and throws at whoever answers it.
 */
final class ClosedCallInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        ClosableCall<ReqT, RespT> closable = new ClosableCall<>(call);
        return new SimpleForwardingServerCallListener<>(next.startCall(closable, headers)) {
            @Override
            public void onMessage(ReqT message) {
                if (!closable.closed) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!closable.closed) {
                    super.onHalfClose();
                }
            }
        };
    }

    private static final class ClosableCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private boolean closed;

        ClosableCall(ServerCall<ReqT, RespT> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                super.close(status, trailers);
            }
        }
    }
}
