package dev.greeter.server;

import io.grpc.ServerInterceptor;
import java.util.Iterator;
import java.util.List;

/** The interceptors of every call in their real order; there is none without all that must be in it. */
final class InterceptorChain {

    private final List<ServerInterceptor> interceptors;

    /** @param required what must be there, in this order */
    InterceptorChain(List<Class<? extends ServerInterceptor>> required, List<ServerInterceptor> interceptors) {
        this.interceptors = interceptors;
        Iterator<ServerInterceptor> rest = interceptors.iterator();
        for (Class<? extends ServerInterceptor> type : required) {
            if (!contains(rest, type)) {
                throw new IllegalStateException("No " + type.getSimpleName() + " stands where it must in the chain of"
                        + " interceptors: " + names());
            }
        }
    }

    List<String> names() {
        return interceptors.stream()
                .map(interceptor -> interceptor.getClass().getSimpleName())
                .toList();
    }

    private static boolean contains(Iterator<ServerInterceptor> rest, Class<? extends ServerInterceptor> type) {
        while (rest.hasNext()) {
            if (type.isInstance(rest.next())) {
                return true;
            }
        }
        return false;
    }
}
