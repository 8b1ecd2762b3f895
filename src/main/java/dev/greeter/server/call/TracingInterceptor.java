package dev.greeter.server.call;

import dev.greeter.service.WebPeer;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes each call a span, which is the current one wherever code of the service runs. A call that is not sampled costs
 * no more than its trace id: Micrometer's interceptor opens a scope for each event of every call.
 */
final class TracingInterceptor implements ServerInterceptor {

    /** The statuses that the conventions of OpenTelemetry count as errors of a server. */
    private static final Set<Status.Code> ERRORS = EnumSet.of(
            Status.Code.UNKNOWN,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.UNIMPLEMENTED,
            Status.Code.INTERNAL,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS);

    private final Tracer tracer;
    private final TextMapPropagator propagator;
    private final TextMapGetter<Metadata> headers = new Headers();

    TracingInterceptor(Tracer tracer, TextMapPropagator propagator) {
        this.tracer = tracer;
        this.propagator = propagator;
    }

    @Override
    @SuppressWarnings("try") // the scope is only opened and closed
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata metadata, ServerCallHandler<ReqT, RespT> next) {
        Context caller = propagator.extract(Context.root(), metadata, headers);
        Span span = tracer.spanBuilder(call.getMethodDescriptor().getFullMethodName())
                .setSpanKind(SpanKind.SERVER)
                .setParent(caller)
                .startSpan();
        Context context = caller.with(span);
        RecordedCall<ReqT, RespT> recorded = null;
        if (span.isRecording()) {
            describe(span, call, metadata);
            recorded = new RecordedCall<>(call, span);
        }
        try (Scope scope = context.makeCurrent()) {
            return new TracedListener<>(
                    next.startCall(recorded == null ? call : recorded, metadata), call, context, recorded);
        } catch (RuntimeException | Error e) {
            if (recorded != null) {
                recorded.end(Status.Code.UNKNOWN);
            }
            throw e;
        }
    }

    /** Adds the attributes by the names that Micrometer gives them. */
    private static void describe(Span span, ServerCall<?, ?> call, Metadata metadata) {
        MethodDescriptor<?, ?> method = call.getMethodDescriptor();
        span.setAttribute("rpc.service", method.getServiceName());
        span.setAttribute("rpc.method", method.getBareMethodName());
        span.setAttribute("rpc.type", method.getType().name());
        WebPeer web = WebPeer.of(metadata);
        Object peer = web == null ? call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) : web.address();
        if (peer instanceof InetSocketAddress address) {
            span.setAttribute("net.peer.name", address.getHostString());
            span.setAttribute("net.peer.port", String.valueOf(address.getPort()));
        }
    }

    /** A sampled call, whose span ends with the status of the call. */
    private static final class RecordedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private final Span span;
        private volatile Status.@Nullable Code closedWith;

        RecordedCall(ServerCall<ReqT, RespT> call, Span span) {
            super(call);
            this.span = span;
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closedWith = status.getCode();
            super.close(status, trailers);
        }

        /** @param unlessClosed the status of a call that nobody has closed */
        void end(Status.Code unlessClosed) {
            Status.Code code = closedWith;
            if (code == null) {
                code = unlessClosed;
            }
            span.setAttribute("grpc.status_code", code.name());
            if (ERRORS.contains(code)) {
                span.setStatus(StatusCode.ERROR, code.name());
            }
            span.end();
        }
    }

    /** Opens the scope of the span for the events of a call on which code of its service runs. */
    private static final class TracedListener<ReqT>
            extends ForwardingServerCallListener.SimpleForwardingServerCallListener<ReqT> {

        private final Context context;
        private final @Nullable RecordedCall<ReqT, ?> recorded;
        private final boolean oneRequest;
        private final boolean unary;

        TracedListener(
                ServerCall.Listener<ReqT> service,
                ServerCall<ReqT, ?> call,
                Context context,
                @Nullable RecordedCall<ReqT, ?> recorded) {
            super(service);
            MethodDescriptor.MethodType type = call.getMethodDescriptor().getType();
            this.context = context;
            this.recorded = recorded;
            this.oneRequest = type.clientSendsOneMessage();
            this.unary = oneRequest && type.serverSendsOneMessage();
        }

        @Override
        public void onMessage(ReqT message) {
            if (oneRequest) {
                super.onMessage(message);
            } else {
                inScope(() -> super.onMessage(message));
            }
        }

        @Override
        public void onHalfClose() {
            inScope(super::onHalfClose);
        }

        @Override
        public void onReady() {
            if (unary) {
                super.onReady();
            } else {
                inScope(super::onReady);
            }
        }

        @Override
        public void onCancel() {
            try {
                inScope(super::onCancel);
            } finally {
                end(Status.Code.CANCELLED);
            }
        }

        @Override
        public void onComplete() {
            try {
                inScope(super::onComplete);
            } finally {
                end(Status.Code.OK);
            }
        }

        @SuppressWarnings("try") // the scope is only opened and closed
        private void inScope(Runnable event) {
            try (Scope scope = context.makeCurrent()) {
                event.run();
            }
        }

        private void end(Status.Code unlessClosed) {
            if (recorded != null) {
                recorded.end(unlessClosed);
            }
        }
    }

    /** The headers of a call for a propagator, which always asks for the same few. */
    private static final class Headers implements TextMapGetter<Metadata> {

        private final Map<String, Metadata.Key<String>> keys = new ConcurrentHashMap<>();

        @Override
        public Iterable<String> keys(Metadata metadata) {
            return metadata.keys();
        }

        @Override
        public @Nullable String get(@Nullable Metadata metadata, String name) {
            return metadata == null ? null : metadata.get(keys.computeIfAbsent(name, Headers::key));
        }

        private static Metadata.Key<String> key(String name) {
            return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        }
    }
}
