package dev.greeter.client;

import dev.greeter.start.SettingException;
import dev.greeter.start.TerminationSignal;
import java.util.Map;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.support.EnvironmentPostProcessorApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.Profiles;

/** Makes the profile {@code client} a client only, whatever the same environment sets for a server. */
@Order(EnvironmentPostProcessorApplicationListener.DEFAULT_ORDER + 1)
public final class ClientMode implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {

    private static final String NAMES = CommandLinePropertySource.DEFAULT_NON_OPTION_ARGS_PROPERTY_NAME;

    private static final Map<String, Object> SETTINGS = Map.of(
            "spring.main.web-application-type", "none",
            // SIGTERM ends a client at once, also in a call: there is nothing to close in order.
            "spring.main.register-shutdown-hook", "false",
            "grpc.server.port", "-1",
            "greeter.client.enabled", "true",
            "service.enabled", "false");

    static boolean isOn(Environment environment) {
        return environment.acceptsProfiles(Profiles.of("client"));
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        ConfigurableEnvironment environment = event.getEnvironment();
        if (isOn(environment)) {
            TerminationSignal.exitsAsAFailure();
            environment.getPropertySources().addFirst(new MapPropertySource("the profile client", SETTINGS));
        } else if (environment.containsProperty(NAMES)) {
            throw new SettingException(
                    "A server does not greet names, but the command line has: " + environment.getProperty(NAMES),
                    "Add --spring.profiles.active=client to greet them, or write a setting as --NAME=VALUE.",
                    null);
        }
    }
}
