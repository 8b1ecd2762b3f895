package com.example.stock;

import io.grpc.Status;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

@GrpcAdvice
public class StockAdvice {

    @GrpcExceptionHandler
    public Status unknown(UnknownItemException failure) {
        return Status.NOT_FOUND.withDescription(failure.getMessage());
    }
}
