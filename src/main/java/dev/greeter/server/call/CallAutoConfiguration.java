package dev.greeter.server.call;

import dev.greeter.server.ChainOrder;
import dev.greeter.service.Refusals;
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;
import net.devh.boot.grpc.server.autoconfigure.GrpcAdviceAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcServiceDiscoverer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Declares how a call is decoded, timed, ended, counted, traced and logged. */
@AutoConfiguration(before = {GrpcAdviceAutoConfiguration.class, GrpcServerAutoConfiguration.class})
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.call.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties({DeadlineSettings.class, AccessLogSettings.class})
class CallAutoConfiguration {

    @Bean
    DeadlineTimer deadlineTimer() {
        return new DeadlineTimer();
    }

    /**
     * Deadlines and metrics, outside the chain: they see the status that the caller saw, and calls of unknown methods,
     * for which no chain runs. Before the access log, which reads the deadline from the context.
     */
    @Bean
    @Order(ChainOrder.CALL_TRACER)
    GrpcServerConfigurer callTracers(
            ObjectProvider<BindableService> services,
            DeadlineSettings deadlines,
            DeadlineTimer timer,
            MeterRegistry registry,
            Environment environment) {
        deadlines.requireEffect(environment);
        // One for every server: a second meter of the same name would count for nobody.
        Supplier<CallTracers> tracers =
                SingletonSupplier.of(() -> new CallTracers(services.stream(), deadlines, timer, registry));
        return builder -> builder.addStreamTracerFactory(tracers.get());
    }

    @Bean
    @Order(ChainOrder.ACCESS_LOG_TRACER)
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    GrpcServerConfigurer accessLog() {
        return builder -> builder.addStreamTracerFactory(new AccessLog());
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.ACCESS_LOG_TRACE)
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    AccessLogTraceInterceptor accessLogTrace() {
        return new AccessLogTraceInterceptor();
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.ACCESS_LOG_CALLER)
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    AccessLogCallerInterceptor accessLogCaller() {
        return new AccessLogCallerInterceptor();
    }

    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.CALL_END)
    CallEndInterceptor callEndInterceptor(Refusals refusals) {
        return new CallEndInterceptor(refusals);
    }

    @Bean
    UnmappedExceptionAdvice unmappedExceptionAdvice(Refusals refusals) {
        return new UnmappedExceptionAdvice(refusals);
    }

    @Bean
    @ConditionalOnMissingBean(GrpcServiceDiscoverer.class)
    TolerantServiceDiscoverer serviceDiscoverer() {
        return new TolerantServiceDiscoverer();
    }

    /** In place of the starter's, which cannot be replaced otherwise. */
    @Bean
    static BeanDefinitionRegistryPostProcessor adviceOfTheApplicationFirst() {
        return registry -> {
            if (registry.containsBeanDefinition("grpcAdviceDiscoverer")) {
                registry.removeBeanDefinition("grpcAdviceDiscoverer");
                registry.registerBeanDefinition("grpcAdviceDiscoverer", new RootBeanDefinition(AdviceDiscoverer.class));
            }
        };
    }

    @Bean
    LazyGzip gzip() {
        return new LazyGzip();
    }
}
