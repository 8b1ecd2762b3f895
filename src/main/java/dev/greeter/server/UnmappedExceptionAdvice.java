package dev.greeter.server;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes statuses on as they are and hides every other exception behind INTERNAL, logged once. Public, as the starter
 * calls it by reflection.
 */
@GrpcAdvice
public class UnmappedExceptionAdvice {

    private static final Logger log = LoggerFactory.getLogger(UnmappedExceptionAdvice.class);

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
        log.error("A call failed with an exception that nothing maps to a status", e);
        return Status.INTERNAL;
    }
}
