package dev.greeter.server;

import io.grpc.MethodDescriptor;

/** What a room tells of each method at {@code /actuator/grpc}. */
public interface MethodDetail {

    /** Returns the key of the detail. */
    String key();

    String describe(MethodDescriptor<?, ?> method);
}
