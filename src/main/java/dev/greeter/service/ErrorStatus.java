package dev.greeter.service;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;

/** Creates the statuses of all failures: with {@code google.rpc} details, as AIP-193 requires. */
public final class ErrorStatus {

    private ErrorStatus() {}

    /**
     * Returns the failure with an {@code ErrorInfo} before the other details.
     *
     * @param reason a constant that a client may switch on: UPPER_SNAKE_CASE, never renamed
     * @param message a sentence in English for the developer of the client
     */
    public static StatusRuntimeException of(Code code, String reason, String message, Message... details) {
        return of(code, reason, Map.of(), message, details);
    }

    /**
     * Returns the failure with an {@code ErrorInfo} before the other details.
     *
     * @param reason a constant that a client may switch on: UPPER_SNAKE_CASE, never renamed
     * @param metadata the variable parts of the message, by lowerCamelCase names
     * @param message a sentence in English for the developer of the client
     */
    public static StatusRuntimeException of(
            Code code, String reason, Map<String, String> metadata, String message, Message... details) {
        ErrorInfo info = ErrorInfo.newBuilder()
                .setReason(reason)
                .setDomain(ErrorDomain.get())
                .putAllMetadata(metadata)
                .build();
        Status.Builder status = Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .addDetails(Any.pack(info));
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    /** Returns the detail that tells a caller when to try again. */
    public static RetryInfo retryAfter(int seconds) {
        return RetryInfo.newBuilder()
                .setRetryDelay(Duration.newBuilder().setSeconds(seconds))
                .build();
    }
}
