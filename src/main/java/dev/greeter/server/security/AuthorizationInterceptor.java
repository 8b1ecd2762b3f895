package dev.greeter.server.security;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Refuses calls that the rules do not allow their callers. */
final class AuthorizationInterceptor implements ServerInterceptor {

    private final Refusals refusals;
    private final AuthorizationRules rules;

    AuthorizationInterceptor(AuthorizationRules rules, Refusals refusals) {
        this.refusals = refusals;
        this.rules = rules;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        AuthorizationRule rule = rules.of(call.getMethodDescriptor());
        if (rule.open()) {
            return next.startCall(call, headers);
        }
        VerifiedCaller caller = VerifiedCaller.KEY.get();
        if (caller == null) {
            return refusals.close(call, Refusal.CREDENTIALS_MISSING);
        }
        if (!rule.allows(caller)) {
            return refusals.close(call, Refusal.SCOPE_MISSING, String.valueOf(rule.scope()));
        }
        return next.startCall(call, headers);
    }
}
