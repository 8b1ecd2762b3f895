package dev.greeter.server.call;

import dev.greeter.service.Refusals;
import io.grpc.ServerInterceptor;

/** The interceptor that ends calls, for tests of other packages. */
public final class TestCallEnd {

    private TestCallEnd() {}

    public static ServerInterceptor interceptor(Refusals refusals) {
        return new CallEndInterceptor(refusals);
    }
}
