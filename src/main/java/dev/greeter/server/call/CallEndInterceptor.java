package dev.greeter.server.call;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Makes each call an {@link EndableCall}. Its service, its {@link CallDeadline}, an {@link UndecodableRequest}, a wrong
 * number of requests or the stop of the server ends it, whichever comes first. Later messages of the caller are
 * dropped, and so is a half-close, because grpc-java would throw when it is answered.
 */
final class CallEndInterceptor implements ServerInterceptor {

    private static final Status MALFORMED = Status.INTERNAL
            .withDescription("The header grpc-timeout is malformed.")
            .withCause(CallerMistake.INSTANCE);

    private static final Status NO_REQUEST =
            Status.UNIMPLEMENTED.withDescription("This method requires one request message, but the call has none.");
    private static final Status TOO_MANY_REQUESTS =
            Status.UNIMPLEMENTED.withDescription("This method accepts one request message, but the call has more.");

    private final Refusals refusals;

    CallEndInterceptor(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        EndableCall<ReqT, RespT> endable = new EndableCall<>(call);
        Refusal refusal = Refusal.wanted(headers);
        if (refusal != null) {
            if (refusal == Refusal.COMPRESSOR_UNKNOWN) {
                // The headers list the supported compressors.
                endable.sendHeaders(new Metadata());
            }
            return refusals.close(endable, refusal);
        }
        CallDeadline deadline = CallDeadline.current();
        if (deadline != null) {
            if (!deadline.isWellFormed()) {
                endable.close(MALFORMED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            if (deadline.hasPassed()) {
                deadline.exceed(endable);
                return new ServerCall.Listener<>() {};
            }
            deadline.keep(endable);
        }
        return new EndableListener<>(next.startCall(endable, headers), endable);
    }

    private static final class EndableListener<ReqT> extends ServerCall.Listener<ReqT> {

        private final ServerCall.Listener<ReqT> service;
        private final EndableCall<ReqT, ?> call;
        private final boolean oneRequest;
        private boolean requested;

        EndableListener(ServerCall.Listener<ReqT> service, EndableCall<ReqT, ?> call) {
            this.service = service;
            this.call = call;
            this.oneRequest = call.getMethodDescriptor().getType().clientSendsOneMessage();
        }

        @Override
        public void onMessage(ReqT message) {
            if (message instanceof UndecodableRequest request) {
                call.endEarly(request.status());
            } else if (oneRequest && requested) {
                call.endEarly(TOO_MANY_REQUESTS);
            } else if (!call.isClosed()) {
                requested = true;
                service.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (oneRequest && !requested) {
                call.endEarly(NO_REQUEST);
            } else if (!call.isClosed()) {
                service.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            service.onReady();
        }

        @Override
        public void onCancel() {
            call.abandon();
            service.onCancel();
        }

        @Override
        public void onComplete() {
            if (call.isEndedEarly()) {
                service.onCancel();
            } else {
                service.onComplete();
            }
        }
    }
}
