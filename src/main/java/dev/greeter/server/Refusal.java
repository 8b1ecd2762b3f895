package dev.greeter.server;

import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import dev.greeter.error.ErrorStatus;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.LongAdder;

/** Why a call is not let through, as it is told to the caller. */
enum Refusal {
    CREDENTIALS_MISSING(
            Code.UNAUTHENTICATED,
            "This method needs a token: send the metadata \"authorization\" with \"Bearer\" and the token."),
    CREDENTIALS_MALFORMED(
            Code.UNAUTHENTICATED,
            "The metadata \"authorization\" must be there once, as \"Bearer\" and a token that is not oversized."),
    TOKEN_INVALID(Code.UNAUTHENTICATED, "The token is malformed, expired, not valid yet or not for this service."),
    KEYS_UNAVAILABLE(Code.UNAVAILABLE, "The keys to check the token cannot be had at the moment; try again."),
    WORKERS_BUSY(Code.UNAVAILABLE, "The server has as many calls in flight as it takes; try again."),
    SCOPE_MISSING(Code.PERMISSION_DENIED, "These credentials lack the scope that this method needs: "),
    AUTHENTICATION_FAILED(Code.UNAUTHENTICATED, "This call needs valid credentials."),
    ACCESS_DENIED(Code.PERMISSION_DENIED, "These credentials do not allow this call.");

    private static final RetryInfo RETRY = RetryInfo.newBuilder()
            .setRetryDelay(Duration.newBuilder().setSeconds(1))
            .build();

    private final Code code;
    private final String message;

    @SuppressWarnings("ImmutableEnumChecker") // the process counts its refusals here, for whichever registry asks
    private final LongAdder count = new LongAdder();

    Refusal(Code code, String message) {
        this.code = code;
        this.message = message;
    }

    /** Returns how many calls this process has refused so. */
    long count() {
        return count.sum();
    }

    /** Closes the call here instead of throwing, so that every interceptor on the way out sees it end. */
    <ReqT> ServerCall.Listener<ReqT> close(ServerCall<ReqT, ?> call, String detail) {
        StatusRuntimeException failure = failure(detail);
        Metadata trailers = failure.getTrailers();
        call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }

    <ReqT> ServerCall.Listener<ReqT> close(ServerCall<ReqT, ?> call) {
        return close(call, "");
    }

    /** Counts a call that something else has refused so, and returns what its caller is told. */
    StatusRuntimeException failure() {
        return failure("");
    }

    private StatusRuntimeException failure(String detail) {
        count.increment();
        return code == Code.UNAVAILABLE
                ? ErrorStatus.of(code, name(), message + detail, RETRY)
                : ErrorStatus.of(code, name(), message + detail);
    }

    /** Leaves the credentials for an interceptor to refuse. */
    static final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final Refusal refusal;

        RefusedException(Refusal refusal) {
            super(refusal.message, null, false, false);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }
}
