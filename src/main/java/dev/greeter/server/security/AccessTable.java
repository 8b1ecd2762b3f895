package dev.greeter.server.security;

import dev.greeter.start.SettingException;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Who may call each method, by its full name; a method that it does not name needs valid credentials. */
public final class AccessTable {

    private final Map<String, Access> methods;

    public AccessTable(Map<String, Access> methods) {
        // Asked three times a call: finds what it has sooner than an immutable map.
        this.methods = new HashMap<>(methods);
    }

    /** Keyed by name, as services like reflection answer with method descriptors rebuilt by the library. */
    public Access of(MethodDescriptor<?, ?> method) {
        Access access = methods.get(method.getFullMethodName());
        return access == null ? Access.AUTHENTICATED : access;
    }

    /** Returns every scope that the table names, in order. */
    Collection<String> scopes() {
        return methods.values().stream()
                .map(Access::scope)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Stops the start over a method that nobody decided about. */
    void requireAll(Collection<ServerServiceDefinition> services) {
        String unknown = services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(ServerMethodDefinition::getMethodDescriptor)
                .map(MethodDescriptor::getFullMethodName)
                .filter(method -> !methods.containsKey(method))
                .sorted()
                .map(method -> "\"[" + method + "]\"")
                .collect(Collectors.joining(", "));
        if (!unknown.isEmpty()) {
            throw new SettingException(
                    "service.access does not say who may call " + unknown + ".",
                    "Add each to service.access in application.yml with \"open\", \"authenticated\" or"
                            + " \"scope:NAME\".",
                    null);
        }
    }
}
