package dev.greeter.start;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Shows what is wrong with the value of a setting, or which rule the settings of a group break, and where they are set:
 * Spring Boot shows Java's types and exceptions, and of a group the prefix alone.
 */
@Order(0)
final class SettingValueFailureAnalyzer extends AbstractFailureAnalyzer<Exception> {

    private static final String REMEDY = "Correct the setting.";

    private final @Nullable Environment environment;

    /** @param environment null while there is none */
    SettingValueFailureAnalyzer(@Nullable Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, Exception cause) {
        BindException binding = findCause(cause, BindException.class);
        if (binding != null) {
            return describe(binding);
        }
        InvalidConfigurationPropertyValueException reading =
                findCause(cause, InvalidConfigurationPropertyValueException.class);
        return reading == null
                ? null
                : new FailureAnalysis(
                        problem(reading.getName(), reading.getValue(), cause, String.valueOf(reading.getReason()))
                                + SettingOrigin.ofNamed(reading.getName(), environment),
                        REMEDY,
                        reading);
    }

    private @Nullable FailureAnalysis describe(BindException cause) {
        Throwable reason = NestedExceptionUtils.getMostSpecificCause(cause);
        if (reason instanceof UnboundConfigurationPropertiesException || reason instanceof BindValidationException) {
            return null;
        }
        ConfigurationProperty property = cause.getProperty();
        if (property == null) {
            String rule = String.valueOf(reason.getMessage());
            String origins = SettingOrigin.ofNamed(rule, environment);
            return reason instanceof IllegalArgumentException && !origins.isEmpty()
                    ? new FailureAnalysis(rule + "." + origins, REMEDY, cause)
                    : null;
        }
        String name = property.getName().toString();
        return new FailureAnalysis(
                problem(name, property.getValue(), cause, problem(reason)) + "\n    " + name + ": "
                        + SettingOrigin.text(property.getOrigin()),
                REMEDY,
                cause);
    }

    private String problem(String name, @Nullable Object value, Throwable failure, String reason) {
        ConversionFailedException conversion = findCause(failure, ConversionFailedException.class);
        String wanted =
                conversion == null ? null : wanted(conversion.getTargetType().getType());
        return SettingOrigin.assignment(name, value)
                + (wanted == null ? ": " + reason.replaceFirst("\\.$", "") : ", which is " + wanted) + ".";
    }

    /** Returns what the value would have to be, or null if its type has no common name. */
    private static @Nullable String wanted(Class<?> type) {
        Class<?> wanted = ClassUtils.resolvePrimitiveIfNecessary(type);
        if (wanted.isEnum()) {
            return "none of "
                    + Arrays.stream(wanted.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (wanted == Integer.class) {
            return "not a whole number up to " + Integer.MAX_VALUE;
        }
        if (Number.class.isAssignableFrom(wanted)) {
            return "not a number";
        }
        if (wanted == Boolean.class) {
            return "neither true nor false";
        }
        if (wanted == Duration.class) {
            return "not a duration such as 500ms, 10s or 5m";
        }
        return wanted == DataSize.class ? "not a size such as 64KB or 1MB" : null;
    }

    private static String problem(Throwable reason) {
        if (reason instanceof ConverterNotFoundException) {
            return "it is a group of settings, which has no value of its own";
        }
        String message = reason.getMessage();
        return message == null ? reason.getClass().getSimpleName() : message;
    }
}
