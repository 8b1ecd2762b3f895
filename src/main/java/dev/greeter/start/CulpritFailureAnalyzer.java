package dev.greeter.start;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

/**
 * Names the settings of which a failure speaks that nobody else explains: libraries refuse a value without knowing which
 * setting it is from. A failure that speaks of no setting keeps its stack trace.
 */
final class CulpritFailureAnalyzer implements FailureAnalyzer {

    private final @Nullable BeanFactory beans;
    private final @Nullable Environment environment;

    CulpritFailureAnalyzer(@Nullable BeanFactory beans, @Nullable Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        if (beans == null
                || !(environment instanceof ConfigurableEnvironment settings)
                || isMistake(root)
                || isExplained(failure, beans, settings)) {
            return null;
        }
        FailureAnalysis mistyped = MistypedSetting.analyze(settings);
        if (mistyped != null) {
            return mistyped;
        }
        String culprits = Culprits.of(failure, settings);
        if (culprits.isEmpty()) {
            return null;
        }
        return new FailureAnalysis(
                "The start failed over a setting: " + FileProblem.text(root) + culprits,
                "Correct the setting. --debug shows the whole failure.",
                failure);
    }

    /** Returns whether it is one of the program, whose author needs the stack trace. */
    private static boolean isMistake(Throwable root) {
        return root instanceof Error
                || root instanceof NullPointerException
                || root instanceof ClassCastException
                || root instanceof IndexOutOfBoundsException;
    }

    private static boolean isExplained(Throwable failure, BeanFactory beans, Environment environment) {
        return SpringFactoriesLoader.forDefaultResourceLocation(CulpritFailureAnalyzer.class.getClassLoader())
                .load(
                        FailureAnalyzer.class,
                        ArgumentResolver.of(BeanFactory.class, beans).and(Environment.class, environment),
                        FailureHandler.handleMessage((message, cause) -> {}))
                .stream()
                .anyMatch(
                        analyzer -> !(analyzer instanceof CulpritFailureAnalyzer) && analyzer.analyze(failure) != null);
    }
}
