package dev.greeter.server.security;

import dev.greeter.server.MethodDetail;
import dev.greeter.start.NearestName;
import dev.greeter.start.SettingException;
import dev.greeter.start.StrictStart;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;

/** Who may call each method, by its full name; a method without a rule requires valid credentials. */
public final class AuthorizationRules implements MethodDetail {

    private final Map<String, AuthorizationRule> methods;

    AuthorizationRules(Map<String, AuthorizationRule> methods) {
        // Read three times per call, and faster than an immutable map.
        this.methods = new HashMap<>(methods);
    }

    /** Keyed by name, because services such as reflection have method descriptors that the library has rebuilt. */
    AuthorizationRule of(MethodDescriptor<?, ?> method) {
        AuthorizationRule access = methods.get(method.getFullMethodName());
        return access == null ? AuthorizationRule.AUTHENTICATED : access;
    }

    /** Returns whether every caller may call the method, with or without credentials. */
    public boolean isOpen(MethodDescriptor<?, ?> method) {
        return of(method).open();
    }

    @Override
    public String key() {
        return "access";
    }

    @Override
    public String describe(MethodDescriptor<?, ?> method) {
        return of(method).toString();
    }

    /** Returns every scope that the table names, in order. */
    Collection<String> scopes() {
        return methods.values().stream()
                .map(AuthorizationRule::scope)
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Stops the start if a served method has no rule. */
    void requireAll(Collection<ServerServiceDefinition> services) {
        List<String> unknown = methods(services)
                .filter(method -> !methods.containsKey(method))
                .map(AuthorizationRules::key)
                .toList();
        if (!unknown.isEmpty()) {
            throw new SettingException(
                    "service.access does not say who may call " + String.join(", ", unknown) + ".",
                    unknown.stream()
                            .map("    %s: authenticated\n"::formatted)
                            .collect(Collectors.joining(
                                    "",
                                    "Add these lines below service.access in application.yml, each with \"open\","
                                            + " \"authenticated\" or \"scope:NAME\":\n\nservice:\n  access:\n",
                                    "")),
                    null);
        }
    }

    /**
     * Stops the start if a rule is for a method that is not served but similar to one that is, or for several at once:
     * its author thinks that it protects those. Rules for other methods only stop a strict start.
     *
     * @param optional prefix of methods that may be missing
     */
    void requireServed(Collection<ServerServiceDefinition> services, String optional, Environment environment) {
        Set<String> served = methods(services).collect(Collectors.toCollection(TreeSet::new));
        Map<String, Optional<String>> meant = new TreeMap<>();
        methods.keySet().stream()
                .filter(method -> !served.contains(method) && !method.startsWith(optional))
                .forEach(method -> meant.put(method, NearestName.to(method, served)));
        if (meant.isEmpty()) {
            return;
        }
        String problem = "service.access says who may call "
                + meant.entrySet().stream()
                        .map(rule -> key(rule.getKey())
                                + rule.getValue()
                                        .map(near -> " (did you mean " + key(near) + "?)")
                                        .orElse(""))
                        .collect(Collectors.joining(", "))
                + ", but no such method is served.";
        String remedy = "Correct the name, or remove the line from service.access.";
        if (meant.values().stream().anyMatch(Optional::isPresent)
                || meant.keySet().stream().anyMatch(method -> method.contains("*"))) {
            throw new SettingException(problem, remedy, null);
        }
        StrictStart.refuseOrWarn(environment, problem, remedy);
    }

    static Stream<String> methods(Collection<ServerServiceDefinition> services) {
        return services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> method.getMethodDescriptor().getFullMethodName())
                .sorted();
    }

    private static String key(String method) {
        return "\"[" + method + "]\"";
    }
}
