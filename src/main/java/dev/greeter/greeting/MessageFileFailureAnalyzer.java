package dev.greeter.greeting;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which message file stopped the start, and what to do. */
final class MessageFileFailureAnalyzer extends AbstractFailureAnalyzer<MessageFileException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, MessageFileException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Give the file the same keys as messages.properties, each with {0} exactly once.",
                cause);
    }
}
