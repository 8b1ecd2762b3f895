package dev.greeter.server.call;

import io.grpc.Status;
import io.micrometer.core.instrument.binder.grpc.GrpcServerObservationContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import java.util.EnumSet;
import java.util.Set;

/** Marks the span of a call that the server failed; Micrometer does so only for statuses with a cause. */
final class SpanErrors implements ObservationHandler<GrpcServerObservationContext> {

    private static final Set<Status.Code> OURS = EnumSet.of(
            Status.Code.UNKNOWN,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.UNIMPLEMENTED,
            Status.Code.INTERNAL,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS);

    @Override
    public void onStop(GrpcServerObservationContext call) {
        Status.Code code = call.getStatusCode();
        TracingContext tracing = call.get(TracingContext.class);
        Span span = tracing == null ? null : tracing.getSpan();
        if (span != null && code != null && OURS.contains(code) && call.getError() == null) {
            span.error(new CallFailedException(code));
        }
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof GrpcServerObservationContext;
    }

    /** Without a stack trace, which would be that of this handler; the log has the cause. */
    private static final class CallFailedException extends Exception {

        private static final long serialVersionUID = 1L;

        CallFailedException(Status.Code code) {
            super(code.name(), null, false, false);
        }
    }
}
