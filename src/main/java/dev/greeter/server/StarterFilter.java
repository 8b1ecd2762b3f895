package dev.greeter.server;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/** Excludes the auto-configurations of the starters that the rooms of the server replace. */
final class StarterFilter implements AutoConfigurationImportFilter, EnvironmentAware, BeanFactoryAware {

    private static final Set<String> REPLACED = Set.of(
            // needs classes that Spring Security 7 no longer has
            "net.devh.boot.grpc.server.autoconfigure.GrpcServerSecurityAutoConfiguration",
            // measure what CallTracer does, once an application has a registry of its own
            "net.devh.boot.grpc.server.autoconfigure.GrpcServerMetricAutoConfiguration",
            "net.devh.boot.grpc.server.autoconfigure.GrpcServerMicrometerTraceAutoConfiguration",
            // supports neither reflection v1 nor service.reflection
            "net.devh.boot.grpc.server.autoconfigure.GrpcReflectionServiceAutoConfiguration");

    private boolean on = true;
    private @Nullable ConditionEvaluationReport report;

    @Override
    public void setEnvironment(Environment environment) {
        on = environment.getProperty("service.enabled", Boolean.class, true);
    }

    @Override
    public void setBeanFactory(BeanFactory beans) {
        report = ConditionEvaluationReport.get((ConfigurableListableBeanFactory) beans);
    }

    @Override
    public boolean[] match(@Nullable String[] candidates, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[candidates.length];
        for (int i = 0; i < candidates.length; i++) {
            String candidate = candidates[i];
            matches[i] = !on || candidate == null || !REPLACED.contains(candidate);
            if (!matches[i] && candidate != null && report != null) {
                report.recordConditionEvaluation(
                        candidate,
                        (context, type) -> false,
                        ConditionOutcome.noMatch("replaced; service.enabled=false leaves it"));
            }
        }
        return matches;
    }
}
