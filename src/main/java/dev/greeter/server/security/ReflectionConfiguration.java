package dev.greeter.server.security;

import dev.greeter.service.NonBlocking;
import io.grpc.BindableService;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Declares server reflection in both versions, unless it is off. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
class ReflectionConfiguration {

    @Bean
    @GrpcService
    @NonBlocking
    @Conditional(ReflectionOn.class)
    BindableService reflection() {
        return ProtoReflectionServiceV1.newInstance();
    }

    /** For the clients that know no other version. */
    @Bean
    @GrpcService
    @NonBlocking
    @Conditional(ReflectionOn.class)
    @SuppressWarnings("deprecation")
    BindableService reflectionV1Alpha() {
        return ProtoReflectionService.newInstance();
    }

    /** Matches unless reflection is off; YAML reads that word as false. */
    static final class ReflectionOn extends NoneNestedConditions {

        ReflectionOn() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty(name = "service.reflection", havingValue = "off")
        static final class Off {}

        @ConditionalOnProperty(name = "service.reflection", havingValue = "false")
        static final class False {}

        @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", havingValue = "false")
        static final class OffByTheStarter {}
    }
}
