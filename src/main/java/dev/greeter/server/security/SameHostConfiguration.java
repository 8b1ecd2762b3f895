package dev.greeter.server.security;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;

/** Repeats {@link SameHostCustomizer} for a management server of its own, whose context sees only its own customizers. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnBean(SameHostCustomizer.class)
class SameHostConfiguration {

    @Bean
    SameHostCustomizer managementSameHostCustomizer() {
        return new SameHostCustomizer();
    }
}
