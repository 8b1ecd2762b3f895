package dev.greeter.server;

import io.grpc.MethodDescriptor;

/** A detail of each method at {@code /actuator/grpc}. */
public interface MethodDetail {

    /** Returns the key of the detail. */
    String key();

    String describe(MethodDescriptor<?, ?> method);
}
