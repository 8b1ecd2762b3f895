package dev.greeter.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Lets the first close of a call win, whoever closes it and on whichever thread: the service, the deadline or the stop
 * of the server. What comes after it is dropped, a half-close from the caller included, at whose answer grpc-java would
 * throw.
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

    /** Serializes what is sent, as a {@link ServerCall} is not safe for use by several threads. */
    private static final class ClosableCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private volatile boolean closed;

        ClosableCall(ServerCall<ReqT, RespT> call) {
            super(call);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!closed) {
                super.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(RespT message) {
            if (!closed) {
                super.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!closed) {
                closed = true;
                FailureLog.log(getMethodDescriptor(), status);
                super.close(status, trailers);
            }
        }
    }
}
