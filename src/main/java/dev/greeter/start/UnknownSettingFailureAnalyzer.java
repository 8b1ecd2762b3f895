package dev.greeter.start;

import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/** Names the setting that there is not, and the one that was most likely meant. */
@Order(0)
final class UnknownSettingFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        String settings = cause.getUnboundProperties().stream()
                .map(UnknownSettingFailureAnalyzer::describe)
                .collect(Collectors.joining("\n"));
        return new FailureAnalysis(settings, "Correct the name, or remove it.", cause);
    }

    private static String describe(ConfigurationProperty property) {
        String name = property.getName().toString();
        return "Unknown setting " + name + " (" + SettingOrigin.text(property.getOrigin()) + ")"
                + KnownSettings.get().didYouMean(name);
    }
}
