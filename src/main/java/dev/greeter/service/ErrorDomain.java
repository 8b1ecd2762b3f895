package dev.greeter.service;

import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/** Reads the domain of the errors of this process: {@code service.error-domain}, or the name of the application. */
final class ErrorDomain implements ApplicationListener<ApplicationPreparedEvent> {

    private static final String UNNAMED = "service";

    private static volatile String domain = UNNAMED;

    static String get() {
        return domain;
    }

    @Override
    public void onApplicationEvent(ApplicationPreparedEvent event) {
        Environment settings = event.getApplicationContext().getEnvironment();
        domain = settings.getProperty("service.error-domain", settings.getProperty("spring.application.name", UNNAMED));
    }
}
