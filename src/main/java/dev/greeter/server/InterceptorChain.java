package dev.greeter.server;

import io.grpc.ServerInterceptor;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The interceptors of every call in their real order; requires that none of the essential ones is missing. */
final class InterceptorChain {

    /** The positions that must be filled, in this order. */
    private static final Map<String, Integer> REQUIRED = new LinkedHashMap<>();

    static {
        REQUIRED.put("THREADS", ChainOrder.THREADS);
        REQUIRED.put("CALL_END", ChainOrder.CALL_END);
        REQUIRED.put("ERRORS", ChainOrder.ERRORS);
        REQUIRED.put("ENDLESS_CALLS", ChainOrder.ENDLESS_CALLS);
        REQUIRED.put("AUTHENTICATION", ChainOrder.AUTHENTICATION);
        REQUIRED.put("AUTHORIZATION", ChainOrder.AUTHORIZATION);
    }

    private final List<ServerInterceptor> interceptors;

    /** @param position returns the declared position of an interceptor, or null */
    InterceptorChain(List<ServerInterceptor> interceptors, Function<ServerInterceptor, @Nullable Integer> position) {
        this.interceptors = interceptors;
        Iterator<ServerInterceptor> rest = interceptors.iterator();
        REQUIRED.forEach((name, required) -> {
            boolean found = false;
            while (!found && rest.hasNext()) {
                found = Objects.equals(position.apply(rest.next()), required);
            }
            if (!found) {
                throw new IllegalStateException(
                        "The chain of interceptors has none at the position " + name + ": " + names());
            }
        });
    }

    List<String> names() {
        return interceptors.stream()
                .map(interceptor -> interceptor.getClass().getSimpleName())
                .toList();
    }
}
