package dev.greeter.start;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** Reports the client whose address or security settings cannot be used. */
final class ChannelFailureAnalyzer extends AbstractFailureAnalyzer<IllegalStateException> {

    private static final String CREATION = "Failed to create channel: ";

    private final @Nullable Environment environment;

    ChannelFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IllegalStateException cause) {
        String message = String.valueOf(cause.getMessage());
        if (!message.startsWith(CREATION)
                || findCause(rootFailure, BindException.class) != null
                || !(environment instanceof ConfigurableEnvironment settings)) {
            return null;
        }
        FailureAnalysis mistyped = MistypedSetting.analyze(settings);
        if (mistyped != null) {
            return mistyped;
        }
        String client = "grpc.client." + message.substring(CREATION.length());
        return new FailureAnalysis(
                "No channel can be created from the settings " + client + ".*: "
                        + NestedExceptionUtils.getMostSpecificCause(cause).getMessage()
                        + Culprits.of(cause, settings),
                "Write " + client + ".address as dns:///HOST:PORT or static://IP:PORT,IP:PORT, and check " + client
                        + ".security.*.",
                cause);
    }
}
