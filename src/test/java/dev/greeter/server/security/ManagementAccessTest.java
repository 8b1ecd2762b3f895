package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.service.Refusals;
import dev.greeter.test.TestIssuer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.info.InfoEndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.context.WebApplicationContext;

/** Who may read what on the management port. */
@ExtendWith(OutputCaptureExtension.class)
class ManagementAccessTest {

    private static final TestIssuer issuer = new TestIssuer();

    @AfterAll
    static void close() {
        issuer.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/actuator/health,            192.0.2.1, ,              200",
        "/actuator/health/liveness,   192.0.2.1, ,              200",
        "/actuator/info,              192.0.2.1, ,              200",
        "/actuator/prometheus,        127.0.0.1, ,              200",
        "/actuator/prometheus,        ::1,       ,              200",
        "/actuator/prometheus,        192.0.2.9, ,              200",
        "/actuator/prometheus,        192.0.2.1, ,              401",
        "/actuator/prometheus,        192.0.2.1, actuator,      200",
        "/actuator/prometheus,        192.0.2.1, users.read,    403",
        "/actuator,                   192.0.2.1, ,              401",
        "/elsewhere,                  192.0.2.1, ,              401",
        "/actuator/health/../env,     192.0.2.1, ,              400"
    })
    void isReadByWhomItIsFor(String path, String caller, @Nullable String scope, int status) {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        EndpointAutoConfiguration.class,
                        WebEndpointAutoConfiguration.class,
                        HealthContributorRegistryAutoConfiguration.class,
                        HealthContributorAutoConfiguration.class,
                        HealthEndpointAutoConfiguration.class,
                        InfoEndpointAutoConfiguration.class,
                        ServletWebSecurityAutoConfiguration.class,
                        TokenAutoConfiguration.class))
                .withUserConfiguration(SecurityAutoConfiguration.class)
                .withBean(Refusals.class, () -> new Refusals(new SimpleMeterRegistry()))
                .withPropertyValues(
                        "management.endpoints.web.exposure.include=*",
                        "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=" + issuer.keysUri())
                .run(context -> {
                    Filter filter = context.getBean("springSecurityFilterChain", Filter.class);
                    ServletContext server = Objects.requireNonNull(context.getServletContext());
                    server.setAttribute(WebApplicationContext.ROOT_WEB_APPLICATION_CONTEXT_ATTRIBUTE, context);
                    MockHttpServletRequest request = new MockHttpServletRequest(server, "GET", path);
                    request.setRemoteAddr(caller);
                    request.setLocalAddr("192.0.2.9");
                    SameHostValve.note(request);
                    // as a header may say
                    request.setRemoteAddr("127.0.0.1");
                    if (scope != null) {
                        request.addHeader("Authorization", "Bearer " + issuer.token(scope));
                    }
                    MockHttpServletResponse response = new MockHttpServletResponse();
                    filter.doFilter(request, response, new MockFilterChain());
                    assertThat(response.getStatus()).isEqualTo(status);
                });
    }
}
