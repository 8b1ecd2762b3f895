package dev.greeter.server.security;

import dev.greeter.service.Caller;
import dev.greeter.service.Refusal;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;

/** Lets a call through that the access table allows its caller. */
public final class AuthorizationInterceptor implements ServerInterceptor {

    private final AccessTable table;

    AuthorizationInterceptor(AccessTable table) {
        this.table = table;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        Access access = table.of(call.getMethodDescriptor());
        if (access.open()) {
            return next.startCall(call, headers);
        }
        @Nullable Authentication caller = Caller.KEY.get();
        if (caller == null) {
            return Refusal.CREDENTIALS_MISSING.close(call);
        }
        if (!access.allows(caller)) {
            return Refusal.SCOPE_MISSING.close(call, String.valueOf(access.scope()));
        }
        return next.startCall(call, headers);
    }
}
