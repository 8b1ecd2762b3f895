package dev.greeter.server;

import io.grpc.ServerInterceptor;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The interceptors of every call in their real order; requires that none of the essential ones is missing. */
final class InterceptorChain {

    /** The positions that must be filled, in this order, unless their room is off. */
    private static final List<Position> REQUIRED = List.of(
            new Position("THREADS", ChainOrder.THREADS, "workers"),
            new Position("CALL_END", ChainOrder.CALL_END, "call"),
            new Position("ERRORS", ChainOrder.ERRORS, "call"),
            new Position("ENDLESS_CALLS", ChainOrder.ENDLESS_CALLS, "drain"),
            new Position("AUTHENTICATION", ChainOrder.AUTHENTICATION, "security"),
            new Position("AUTHORIZATION", ChainOrder.AUTHORIZATION, "security"));

    private final List<ServerInterceptor> interceptors;

    private record Position(String name, int order, String room) {}

    /**
     * @param position returns the declared position of an interceptor, or null
     * @param rooms returns whether the room of this name is on
     */
    InterceptorChain(
            List<ServerInterceptor> interceptors,
            Function<ServerInterceptor, @Nullable Integer> position,
            Predicate<String> rooms) {
        this.interceptors = interceptors;
        Iterator<ServerInterceptor> rest = interceptors.iterator();
        REQUIRED.stream().filter(required -> rooms.test(required.room())).forEach(required -> {
            boolean found = false;
            while (!found && rest.hasNext()) {
                found = Objects.equals(position.apply(rest.next()), required.order());
            }
            if (!found) {
                throw new IllegalStateException(
                        "The chain of interceptors has none at the position " + required.name() + ": " + names());
            }
        });
    }

    List<String> names() {
        return interceptors.stream()
                .map(interceptor -> interceptor.getClass().getSimpleName())
                .toList();
    }
}
