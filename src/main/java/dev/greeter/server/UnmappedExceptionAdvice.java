package dev.greeter.server;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/**
 * Passes statuses on as they are and hides every other exception behind INTERNAL, for {@link FailureLog} as its cause. Public, as the starter
 * calls it by reflection.
 */
@GrpcAdvice
public class UnmappedExceptionAdvice {

    @GrpcExceptionHandler
    public StatusRuntimeException status(StatusRuntimeException e) {
        return e;
    }

    @GrpcExceptionHandler
    public StatusException status(StatusException e) {
        return e;
    }

    @GrpcExceptionHandler
    public Status unmapped(Throwable e) {
        return Status.INTERNAL.withCause(e);
    }
}
