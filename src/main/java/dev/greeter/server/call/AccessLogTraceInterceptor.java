package dev.greeter.server.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.slf4j.MDC;

/** Adds the trace id of the call to the access log. */
final class AccessLogTraceInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        AccessLogEntry entry = AccessLogEntry.CURRENT.get();
        String traceId = MDC.get("traceId");
        if (entry != null && traceId != null) {
            entry.trace(traceId);
        }
        return next.startCall(call, headers);
    }
}
