package dev.greeter.server.call;

import dev.greeter.service.Caller;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.springframework.security.core.Authentication;

/** Adds the caller to the access log after its authentication. */
final class AccessLogCallerInterceptor implements ServerInterceptor {

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        AccessLogEntry entry = AccessLogEntry.CURRENT.get();
        Authentication caller = Caller.KEY.get();
        if (entry != null && caller != null) {
            entry.user(caller.getName());
        }
        return next.startCall(call, headers);
    }
}
