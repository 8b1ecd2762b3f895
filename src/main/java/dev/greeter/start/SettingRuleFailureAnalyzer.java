package dev.greeter.start;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Shows the rule that the settings of a group break, and where they are set: Spring Boot knows of the group alone. */
@Order(0)
final class SettingRuleFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    private final @Nullable Environment environment;

    /** @param environment null while there is none */
    SettingRuleFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        Throwable rule = NestedExceptionUtils.getMostSpecificCause(cause);
        String problem = String.valueOf(rule.getMessage());
        String origins = SettingOrigin.ofNamed(problem, environment);
        return cause.getProperty() == null && rule instanceof IllegalArgumentException && !origins.isEmpty()
                ? new FailureAnalysis(problem + "." + origins, "Correct the setting.", cause)
                : null;
    }
}
