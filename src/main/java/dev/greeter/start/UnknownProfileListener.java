package dev.greeter.start;

import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;

/** Stops the start when an active profile has no {@code application-<profile>} file, as Spring takes any name. */
final class UnknownProfileListener implements ApplicationListener<ApplicationPreparedEvent> {

    @Override
    public void onApplicationEvent(ApplicationPreparedEvent event) {
        ConfigurableEnvironment environment = event.getApplicationContext().getEnvironment();
        for (String profile : environment.getActiveProfiles()) {
            String file = "application-" + profile + ".";
            if (environment.getPropertySources().stream()
                    .noneMatch(source -> source.getName().contains(file))) {
                throw new UnknownProfileException(profile);
            }
        }
    }
}
