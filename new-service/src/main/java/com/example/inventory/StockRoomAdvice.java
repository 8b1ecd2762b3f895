package com.example.inventory;

import com.google.rpc.Code;
import dev.greeter.service.ErrorStatus;
import io.grpc.StatusRuntimeException;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/** Maps failures to statuses. Public, because the starter calls it by reflection. */
@GrpcAdvice
public class StockRoomAdvice {

    @GrpcExceptionHandler
    public StatusRuntimeException notFound(NotFoundException failure) {
        return ErrorStatus.of(Code.NOT_FOUND, failure.reason(), failure.getMessage());
    }
}
