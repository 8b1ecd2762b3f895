package dev.greeter.server.security;

import dev.greeter.service.Refusal.RefusedException;
import dev.greeter.service.Refusals;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Authenticates the caller of a method that is not open, unless it is known already; for an open method the credentials
 * are ignored.
 */
final class AuthenticationInterceptor implements ServerInterceptor {

    private final Refusals refusals;
    private final AuthorizationRules rules;
    private final CallerCredentials credentials;

    AuthenticationInterceptor(AuthorizationRules rules, CallerCredentials credentials, Refusals refusals) {
        this.refusals = refusals;
        this.rules = rules;
        this.credentials = credentials;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (rules.isOpen(call.getMethodDescriptor()) || VerifiedCaller.KEY.get() != null) {
            return next.startCall(call, headers);
        }
        VerifiedCaller caller;
        try {
            caller = credentials.verify(call.getAttributes(), headers);
        } catch (RefusedException e) {
            return refusals.close(call, e.refusal());
        }
        return Contexts.interceptCall(caller.callContext(), call, headers, next);
    }
}
