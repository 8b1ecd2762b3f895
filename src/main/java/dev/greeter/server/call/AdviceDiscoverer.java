package dev.greeter.server.call;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.devh.boot.grpc.server.advice.GrpcAdviceDiscoverer;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/**
 * Finds advice like the starter, but omits handlers of {@link UnmappedExceptionAdvice} for exceptions that other advice
 * handles: two handlers of one exception stop the start.
 */
final class AdviceDiscoverer extends GrpcAdviceDiscoverer {

    @Override
    public Set<Method> getAnnotatedMethods() {
        Set<Class<?>> handled = super.getAnnotatedMethods().stream()
                .filter(handler -> !isFallback(handler))
                .flatMap(AdviceDiscoverer::exceptions)
                .collect(Collectors.toSet());
        return super.getAnnotatedMethods().stream()
                .filter(handler -> !isFallback(handler) || exceptions(handler).noneMatch(handled::contains))
                .collect(Collectors.toSet());
    }

    private static boolean isFallback(Method handler) {
        return handler.getDeclaringClass() == UnmappedExceptionAdvice.class;
    }

    private static Stream<Class<?>> exceptions(Method handler) {
        Class<?>[] named = handler.getAnnotation(GrpcExceptionHandler.class).value();
        return Arrays.stream(named.length == 0 ? handler.getParameterTypes() : named);
    }
}
