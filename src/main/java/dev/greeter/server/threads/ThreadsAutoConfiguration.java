package dev.greeter.server.threads;

import dev.greeter.server.ChainOrder;
import dev.greeter.server.ServiceDefinitions;
import dev.greeter.server.security.AuthorizationRules;
import dev.greeter.service.NonBlocking;
import dev.greeter.service.Refusals;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.task.SimpleAsyncTaskExecutorBuilder;
import org.springframework.boot.task.ThreadPoolTaskExecutorBuilder;
import org.springframework.boot.thread.Threading;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;

/** Declares the threads on which calls run. */
@AutoConfiguration(before = GrpcServerFactoryAutoConfiguration.class, after = TaskExecutionAutoConfiguration.class)
@ConditionalOnBooleanProperty(
        name = {"service.enabled", "service.workers.enabled"},
        matchIfMissing = true)
@EnableConfigurationProperties(WorkerSettings.class)
class ThreadsAutoConfiguration {

    /** Runs calls on the event loop if their service promises not to block; RATIONALE.md has the reasons. */
    @GrpcGlobalServerInterceptor
    @Order(ChainOrder.THREADS)
    CallThreads callThreads(
            ApplicationContext services,
            ObjectProvider<AuthorizationRules> access,
            @Qualifier("workers") Executor workers,
            WorkerSettings settings,
            Refusals refusals) {
        AuthorizationRules rules = access.getIfAvailable();
        return new CallThreads(
                nonBlocking(services), rules == null ? method -> true : rules::isOpen, workers, settings, refusals);
    }

    /** Made as Spring Boot makes its own executor, which is not there when the application declares another. */
    @Bean(defaultCandidate = false)
    AsyncTaskExecutor workers(
            SimpleAsyncTaskExecutorBuilder virtualThreads,
            ThreadPoolTaskExecutorBuilder pool,
            Environment environment) {
        return Threading.VIRTUAL.isActive(environment) ? virtualThreads.build() : pool.build();
    }

    @Bean
    GrpcServerConfigurer eventLoop() {
        return ServerBuilder::directExecutor;
    }

    /** The starter creates a context, a map and two listeners per call for beans of this scope, but there are none. */
    @Bean
    static BeanDefinitionRegistryPostProcessor noRequestScope() {
        return registry -> {
            if (registry.containsBeanDefinition("grpcRequestScope")) {
                registry.removeBeanDefinition("grpcRequestScope");
            }
        };
    }

    private static Set<String> nonBlocking(ApplicationContext services) {
        return services.getBeansWithAnnotation(NonBlocking.class).values().stream()
                .map(service -> ServiceDefinitions.of((BindableService) service)
                        .getServiceDescriptor()
                        .getName())
                .collect(Collectors.toUnmodifiableSet());
    }
}
