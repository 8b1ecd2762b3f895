package dev.greeter.users;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ResourceInfo;
import dev.greeter.service.ErrorStatus;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/** Maps the failures of the User service to statuses. Public, because the starter calls it by reflection. */
@GrpcAdvice
public class UsersAdvice {

    private static final String RESOURCE_TYPE = "users.v1.User";
    private static final Message RETRY_NOW = ErrorStatus.retryAfter(0);

    @GrpcExceptionHandler
    public StatusRuntimeException invalid(UserFailure.RequestInvalid failure) {
        BadRequest.Builder request = BadRequest.newBuilder();
        for (Violation violation : failure.violations()) {
            request.addFieldViolationsBuilder()
                    .setField(violation.field())
                    .setReason(violation.reason())
                    .setDescription(violation.field() + " " + violation.description());
        }
        return of(Code.INVALID_ARGUMENT, "REQUEST_INVALID", failure, request.build());
    }

    @GrpcExceptionHandler
    public StatusRuntimeException requestIdReused(UserFailure.RequestIdReused failure) {
        return of(Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED", failure);
    }

    @GrpcExceptionHandler
    public StatusRuntimeException notFound(UserFailure.NotFound failure) {
        return of(
                Code.NOT_FOUND, "USER_NOT_FOUND", failure, resource(failure.id().toString(), failure));
    }

    @GrpcExceptionHandler
    public StatusRuntimeException emailTaken(UserFailure.EmailTaken failure) {
        return of(
                Code.ALREADY_EXISTS,
                "EMAIL_TAKEN",
                failure,
                resource(failure.email().value(), failure));
    }

    @GrpcExceptionHandler
    public StatusRuntimeException etagStale(UserFailure.EtagStale failure) {
        return of(Code.ABORTED, "ETAG_STALE", failure, RETRY_NOW);
    }

    @GrpcExceptionHandler
    public StatusRuntimeException exportsExhausted(UserFailure.ExportsExhausted failure) {
        return of(Code.RESOURCE_EXHAUSTED, "EXPORTS_EXHAUSTED", failure, ErrorStatus.retryAfter(10));
    }

    @GrpcExceptionHandler
    public StatusRuntimeException exportTimedOut(UserFailure.ExportTimedOut failure) {
        return of(Code.ABORTED, "EXPORT_TIMED_OUT", failure, RETRY_NOW);
    }

    private static StatusRuntimeException of(Code code, String reason, UserFailure failure, Message... details) {
        return ErrorStatus.of(code, reason, failure.metadata(), String.valueOf(failure.getMessage()), details);
    }

    private static ResourceInfo resource(String name, UserFailure failure) {
        return ResourceInfo.newBuilder()
                .setResourceType(RESOURCE_TYPE)
                .setResourceName(name)
                .setDescription(String.valueOf(failure.getMessage()))
                .build();
    }
}
