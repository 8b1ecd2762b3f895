package dev.greeter.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.env.Environment;

/** The groups of the settings under {@code service}: a setting of any other group is misspelt. */
record SettingGroups(
        @Nullable Map<String, Object> access,
        @Nullable Map<String, Object> accessLog,
        @Nullable Map<String, Object> certificates,
        @Nullable Map<String, Object> database,
        @Nullable Map<String, Object> deadline,
        @Nullable Map<String, Object> drain,
        @Nullable Map<String, Object> limit,
        @Nullable Object reflection,
        @Nullable Map<String, Object> tls,
        @Nullable Map<String, Object> tokens,
        @Nullable Map<String, Object> web,
        @Nullable Map<String, Object> workers) {

    /** Stops the start if there is an unknown group, as for an unknown setting of a group. */
    static void check(Environment environment) {
        Binder.get(environment)
                .bind(
                        "service",
                        Bindable.of(SettingGroups.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT, new UnboundElementsSourceFilter()));
    }
}
