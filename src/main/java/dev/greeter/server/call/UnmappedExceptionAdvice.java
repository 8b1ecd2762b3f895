package dev.greeter.server.call;

import dev.greeter.service.Refusal;
import dev.greeter.service.Refusals;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;

/**
 * Passes on statuses unchanged, maps the exceptions of Spring Security to refusals, and maps every other exception to
 * INTERNAL, with the exception as the cause for {@link FailureLog}. Public, because the starter calls it by reflection.
 */
@GrpcAdvice
public class UnmappedExceptionAdvice {

    private final Refusals refusals;

    UnmappedExceptionAdvice(Refusals refusals) {
        this.refusals = refusals;
    }

    @GrpcExceptionHandler
    public StatusRuntimeException status(StatusRuntimeException e) {
        return e;
    }

    @GrpcExceptionHandler
    public StatusException status(StatusException e) {
        return e;
    }

    @GrpcExceptionHandler
    public StatusRuntimeException authentication(AuthenticationException e) {
        return refusals.refuse(Refusal.AUTHENTICATION_FAILED);
    }

    @GrpcExceptionHandler
    public StatusRuntimeException access(AccessDeniedException e) {
        return refusals.refuse(Refusal.ACCESS_DENIED);
    }

    @GrpcExceptionHandler
    public Status unmapped(Throwable e) {
        return Status.INTERNAL.withCause(e);
    }
}
