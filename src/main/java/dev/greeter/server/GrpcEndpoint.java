package dev.greeter.server;

import io.grpc.MethodDescriptor;
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

/** Describes at {@code /actuator/grpc} the interceptors, who may call each method, where it runs, and what is off. */
@Endpoint(id = "grpc")
final class GrpcEndpoint {

    private static final String STARTERS = "net.devh.boot.grpc.";

    /** The replacements of auto-configurations, by the names of their classes. */
    private static final Map<String, String> REPLACEMENTS = Map.of(
            "GrpcServerMetricAutoConfiguration", "CallTracer",
            "GrpcServerMicrometerTraceAutoConfiguration", "TracingInterceptor",
            "GrpcServerSecurityAutoConfiguration", "AuthenticationInterceptor, AuthorizationInterceptor",
            "GrpcReflectionServiceAutoConfiguration", "reflection of ReflectionAutoConfiguration, in both versions",
            "GrpcClientMetricAutoConfiguration", "MetricCollectingClientInterceptor",
            "GrpcClientMicrometerTraceAutoConfiguration", "ObservationGrpcClientInterceptor");

    private final InterceptorChain chain;
    private final List<MethodDetail> details;
    private final ConditionEvaluationReport conditions;
    private volatile Map<String, Map<String, String>> methods = Map.of();

    GrpcEndpoint(InterceptorChain chain, List<MethodDetail> details, ConditionEvaluationReport conditions) {
        this.chain = chain;
        this.details = details;
        this.conditions = conditions;
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        Map<String, Map<String, String>> served = new TreeMap<>();
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

    private Map<String, String> describe(MethodDescriptor<?, ?> method) {
        Map<String, String> description = new TreeMap<>();
        description.put("type", method.getType().name());
        details.forEach(detail -> description.put(detail.key(), detail.describe(method)));
        return description;
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
            off.put(name, replacement == null ? "nothing: not needed" : replacement);
        }
    }

    /**
     * @param interceptors of every call, outermost first; a service's own follow them
     * @param methods by their full names
     * @param autoConfigurationsOff the auto-configurations of the starters that are off, with their replacements
     */
    record Description(
            List<String> interceptors,
            Map<String, Map<String, String>> methods,
            Map<String, String> autoConfigurationsOff) {}
}
