package dev.greeter.start;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the profile that does not exist. */
final class UnknownProfileFailureAnalyzer extends AbstractFailureAnalyzer<UnknownProfileException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnknownProfileException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Correct spring.profiles.active (\"client\" comes with Greeter), or add the file.",
                cause);
    }
}
