package dev.greeter.database;

import com.google.rpc.Code;
import dev.greeter.service.ErrorStatus;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/** Maps the failures of the database to statuses. Public, because the starter calls it by reflection. */
@GrpcAdvice
public class DatabaseAdvice {

    @GrpcExceptionHandler
    public StatusRuntimeException unavailable(DatabaseFailure.Unavailable failure) {
        return ErrorStatus.of(
                Code.UNAVAILABLE,
                "DATABASE_UNAVAILABLE",
                String.valueOf(failure.getMessage()),
                ErrorStatus.retryAfter(1));
    }

    @GrpcExceptionHandler
    public StatusRuntimeException conflict(DatabaseFailure.Conflict failure) {
        return ErrorStatus.of(
                Code.ABORTED, "CHANGED_CONCURRENTLY", String.valueOf(failure.getMessage()), ErrorStatus.retryAfter(0));
    }

    @GrpcExceptionHandler
    public Status callEnded(DatabaseFailure.CallEnded failure) {
        Context call = Context.current();
        return call.isCancelled() ? Contexts.statusFromCancelled(call) : Status.CANCELLED;
    }
}
