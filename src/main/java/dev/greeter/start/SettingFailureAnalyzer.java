package dev.greeter.start;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Reports the setting that stopped the start, whatever failed because of it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SettingFailureAnalyzer extends AbstractFailureAnalyzer<SettingException> {

    private final @Nullable Environment environment;

    /** @param environment null while there is none */
    SettingFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SettingException cause) {
        String problem = String.valueOf(cause.getMessage());
        return new FailureAnalysis(problem + SettingOrigin.ofNamed(problem, environment), cause.remedy(), cause);
    }
}
