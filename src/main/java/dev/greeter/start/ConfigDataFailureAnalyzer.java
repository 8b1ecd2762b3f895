package dev.greeter.start;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataException;
import org.springframework.boot.context.config.ConfigDataNotFoundException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.json.JsonParseException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;

/** Shows why settings cannot be read from where they are, and which settings name those places. */
@Order(0)
final class ConfigDataFailureAnalyzer extends AbstractFailureAnalyzer<RuntimeException> {

    private static final String REMEDY = "Correct the files of settings, or what names them: spring.config.*.";

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, RuntimeException cause) {
        String problem = String.valueOf(cause.getMessage());
        if (cause instanceof ConfigDataNotFoundException missing) {
            return new FailureAnalysis(
                    "A setting under spring.config names the " + missing.getReferenceDescription()
                            + ", which does not exist."
                            + (missing.getOrigin() == null ? "" : "\n    " + SettingOrigin.text(missing.getOrigin())),
                    "Correct it, or write optional: before it.",
                    cause);
        }
        if (cause instanceof ConfigDataException) {
            return new FailureAnalysis(problem + ".", REMEDY, cause);
        }
        if (cause instanceof JsonParseException) {
            return new FailureAnalysis(
                    "spring.application.json cannot be read: " + firstLine(cause) + ".",
                    "Write it as one JSON object, and quote it for the shell.",
                    cause);
        }
        return problem.startsWith("Unable to load config data from")
                ? new FailureAnalysis(problem + ": " + firstLine(cause), REMEDY, cause)
                : null;
    }

    private static String firstLine(Throwable failure) {
        String message = String.valueOf(
                NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
        return message.lines().findFirst().orElse("");
    }
}
