package dev.greeter.start;

import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/** Finds the setting whose value is not of the type that its library describes: conditions read some as text. */
final class MistypedSetting {

    /** Types of values besides numbers and enumerations. */
    private static final Set<Class<?>> VALUES = Set.of(Boolean.class, Charset.class, DataSize.class, Duration.class);

    private MistypedSetting() {}

    /** Returns what is wrong with the first such setting, or null if there is none. */
    static @Nullable FailureAnalysis analyze(Environment environment) {
        Binder binder = Binder.get(environment);
        for (Map.Entry<String, String> known : KnownSettings.get().types().entrySet()) {
            String name = known.getKey();
            // others set a variable DEBUG, too
            if (name.contains(".") && ConfigurationPropertyName.isValid(name) && environment.containsProperty(name)) {
                Class<?> type = type(known.getValue());
                try {
                    if (type != null) {
                        binder.bind(name, Bindable.of(type), new ShortDurations());
                    }
                } catch (BindException e) {
                    return new SettingValueFailureAnalyzer(environment).analyze(e);
                }
            }
        }
        return null;
    }

    private static @Nullable Class<?> type(String name) {
        if (!ClassUtils.isPresent(name, null)) {
            return null;
        }
        Class<?> type = ClassUtils.resolveClassName(name, null);
        return type.isEnum() || Number.class.isAssignableFrom(type) || VALUES.contains(type) ? type : null;
    }

    /** Refuses durations whose nanoseconds no timer can count. */
    private static final class ShortDurations extends AbstractBindHandler {

        @Override
        public @Nullable Object onSuccess(
                ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
            if (result instanceof Duration duration && duration.abs().compareTo(SettingRules.LONGEST) > 0) {
                throw new IllegalArgumentException("it is longer than 100 years");
            }
            return result;
        }
    }
}
