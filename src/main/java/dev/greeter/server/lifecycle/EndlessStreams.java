package dev.greeter.server.lifecycle;

import dev.greeter.server.ServiceDefinitions;
import dev.greeter.service.EndlessStream;
import dev.greeter.start.SettingException;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;

/** Finds the methods that services mark as an {@link EndlessStream}. */
final class EndlessStreams {

    private EndlessStreams() {}

    /** Returns their full names. A mark without effect stops the start. */
    static Set<String> of(Collection<BindableService> services) {
        Set<String> names = new HashSet<>();
        for (BindableService service : services) {
            Class<?> type = AopUtils.getTargetClass(service);
            MethodIntrospector.selectMethods(
                            type,
                            (Method method) ->
                                    AnnotatedElementUtils.hasAnnotation(method, EndlessStream.class) ? method : null)
                    .keySet()
                    .forEach(method -> names.add(streamOf(service, method)));
        }
        return names;
    }

    private static String streamOf(BindableService service, Method marked) {
        return ServiceDefinitions.of(service).getMethods().stream()
                .map(ServerMethodDefinition::getMethodDescriptor)
                .filter(method -> method.getType() != MethodType.UNARY && isImplementation(marked, method))
                .map(MethodDescriptor::getFullMethodName)
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        marked.getDeclaringClass().getSimpleName() + "." + marked.getName()
                                + " is marked as an @EndlessStream, but is no streaming method of the service.",
                        "Mark the method that implements the stream.",
                        null));
    }

    /** The code generator turns WatchStock and watch_stock into watchStock, and the name of a keyword into import_. */
    private static boolean isImplementation(Method marked, MethodDescriptor<?, ?> method) {
        return letters(marked.getName()).equalsIgnoreCase(letters(String.valueOf(method.getBareMethodName())));
    }

    private static String letters(String name) {
        return name.replace("_", "");
    }
}
