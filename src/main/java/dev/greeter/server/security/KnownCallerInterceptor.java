package dev.greeter.server.security;

import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Recognizes a caller whose credentials were verified a moment ago, which never waits: such a call can stay on the event
 * loop. It leaves all others to the {@link AuthenticationInterceptor}.
 */
final class KnownCallerInterceptor implements ServerInterceptor {

    private final AuthorizationRules rules;
    private final CallerCredentials credentials;

    KnownCallerInterceptor(AuthorizationRules rules, CallerCredentials credentials) {
        this.rules = rules;
        this.credentials = credentials;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        if (rules.isOpen(call.getMethodDescriptor())) {
            return next.startCall(call, headers);
        }
        VerifiedCaller caller = credentials.known(call.getAttributes(), headers);
        return caller == null
                ? next.startCall(call, headers)
                : Contexts.interceptCall(caller.callContext(), call, headers, next);
    }
}
