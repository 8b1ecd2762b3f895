package dev.greeter.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.slf4j.MDC;

/** Writes one line per call to the log "access". */
final class AccessLogInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        AccessLogEntry entry = new AccessLogEntry(
                call.getMethodDescriptor().getFullMethodName(),
                String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)),
                MDC.get("traceId"));
        ServerCall<ReqT, RespT> counting = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(RespT message) {
                entry.sent();
                super.sendMessage(message);
            }

            @Override
            public void close(Status status, Metadata trailers) {
                entry.closed(status.getCode());
                super.close(status, trailers);
            }
        };
        Context withEntry = Context.current().withValue(AccessLogEntry.CURRENT, entry);
        return new SimpleForwardingServerCallListener<>(Contexts.interceptCall(withEntry, counting, headers, next)) {
            @Override
            public void onMessage(ReqT message) {
                entry.received();
                super.onMessage(message);
            }

            @Override
            public void onComplete() {
                entry.write();
                super.onComplete();
            }

            @Override
            public void onCancel() {
                entry.cancelled();
                entry.write();
                super.onCancel();
            }
        };
    }
}
