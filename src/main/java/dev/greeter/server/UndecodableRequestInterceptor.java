package dev.greeter.server;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Ends a call at an {@link UndecodableRequest}, with its status for the caller and as cancelled for the service. */
final class UndecodableRequestInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean undecodable;

            @Override
            public void onMessage(ReqT message) {
                if (message instanceof UndecodableRequest request) {
                    undecodable = true;
                    call.close(request.status(), new Metadata());
                } else {
                    super.onMessage(message);
                }
            }

            @Override
            public void onComplete() {
                if (undecodable) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }
}
