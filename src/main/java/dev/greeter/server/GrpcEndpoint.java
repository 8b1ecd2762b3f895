package dev.greeter.server;

import dev.greeter.server.security.AccessTable;
import dev.greeter.server.threads.CallThreads;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.context.event.EventListener;
import org.springframework.util.ClassUtils;

/** Tells at {@code /actuator/grpc} what a call passes, who may make it, where it runs, and what is not as it seems. */
@Endpoint(id = "grpc")
final class GrpcEndpoint {

    private static final String STARTERS = "net.devh.boot.grpc.";

    /** Whatever the starters' class names promise. */
    private static final Map<String, String> REPLACEMENTS = Map.of(
            "GrpcServerMetricAutoConfiguration", "CallTracer",
            "GrpcServerMicrometerTraceAutoConfiguration", "ObservationGrpcServerInterceptor of CallConfiguration",
            "GrpcServerSecurityAutoConfiguration", "AuthenticationInterceptor, AuthorizationInterceptor",
            "GrpcReflectionServiceAutoConfiguration", "reflection of ReflectionConfiguration, in both versions",
            "GrpcClientMetricAutoConfiguration", "MetricCollectingClientInterceptor of ClientConfiguration",
            "GrpcClientMicrometerTraceAutoConfiguration", "ObservationGrpcClientInterceptor of ClientConfiguration");

    private final InterceptorChain chain;
    private final AccessTable access;
    private final CallThreads threads;
    private final ConditionEvaluationReport conditions;
    private volatile Map<String, Method> methods = Map.of();

    GrpcEndpoint(
            InterceptorChain chain, AccessTable access, CallThreads threads, ConditionEvaluationReport conditions) {
        this.chain = chain;
        this.access = access;
        this.threads = threads;
        this.conditions = conditions;
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        Map<String, Method> served = new TreeMap<>();
        event.getServer().getServices().stream()
                .flatMap(service -> service.getMethods().stream())
                .map(ServerMethodDefinition::getMethodDescriptor)
                .forEach(method -> served.put(method.getFullMethodName(), describe(method)));
        methods = served;
    }

    @ReadOperation
    Description describe() {
        return new Description(chain.names(), methods, autoConfigurationsOff());
    }

    private Method describe(MethodDescriptor<?, ?> method) {
        return new Method(
                method.getType(),
                access.of(method).toString(),
                threads.stayOnEventLoop(method) ? "event loop" : "workers");
    }

    private Map<String, String> autoConfigurationsOff() {
        Map<String, String> off = new TreeMap<>();
        conditions.getConditionAndOutcomesBySource().forEach((source, outcomes) -> {
            if (source.startsWith(STARTERS) && !outcomes.isFullMatch()) {
                put(off, source);
            }
        });
        conditions.getExclusions().stream()
                .filter(source -> source.startsWith(STARTERS))
                .forEach(source -> put(off, source));
        return off;
    }

    private static void put(Map<String, String> off, String source) {
        String name = ClassUtils.getShortName(source);
        @Nullable String replacement = REPLACEMENTS.get(name);
        if (!name.contains(".")) {
            off.put(name, replacement == null ? "nothing, as it is not needed" : replacement);
        }
    }

    /**
     * @param interceptors of every call, outermost first; a service's own follow them
     * @param methods by their full names
     * @param autoConfigurationsOff the starters' that are off, with what replaces them
     */
    record Description(
            List<String> interceptors, Map<String, Method> methods, Map<String, String> autoConfigurationsOff) {}

    /**
     * @param type kind of call
     * @param access who may call it
     * @param executor where it runs
     */
    record Method(MethodType type, String access, String executor) {}
}
