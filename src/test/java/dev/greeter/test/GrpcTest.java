package dev.greeter.test;

import dev.greeter.server.security.TestCallers;
import io.grpc.BindableService;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTestContextBootstrapper;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Test slice of gRPC services: starts the named services with the {@code @Configuration} and {@code @GrpcAdvice}
 * classes of their packages, the whole interceptor chain and an in-process transport, and injects
 * {@code @GrpcClient} stubs with the development token into the test; {@link TestCallers} are others. No port is bound.
 * What else a service needs, the test imports.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(SpringExtension.class)
@BootstrapWith(SpringBootTestContextBootstrapper.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(GrpcTypeExcludeFilter.class)
@ImportAutoConfiguration
@TestPropertySource(
        properties = {
            "spring.main.web-application-type=none",
            // Its hundreds of lines would hide why the service did not start.
            "spring.test.print-condition-evaluation-report=false"
        })
@ContextConfiguration(initializers = InProcessTransport.class)
@Import(TestCallers.class)
public @interface GrpcTest {

    /** The {@code @GrpcService} classes to start. */
    Class<? extends BindableService>[] value();
}
