package dev.greeter.server;

import static org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME;

import dev.greeter.threading.NonBlocking;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcServerInterceptor;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import net.devh.boot.grpc.server.error.GrpcExceptionInterceptor;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;

/** Declares what every call passes, with its order: the whole chain on one screen. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties({ServerSettings.class, AccessLogSettings.class})
class ServerConfiguration {

    /**
     * Deadlines and metrics, outside the chain: they see the status the caller saw, and calls of unknown methods, for
     * which no chain runs. Before the access log, which asks the context for the deadline.
     */
    @Bean
    @Order(0)
    GrpcServerConfigurer callTracers(
            ObjectProvider<BindableService> services, ServerSettings settings, MeterRegistry registry) {
        return builder -> builder.addStreamTracerFactory(new CallTracers(services.stream(), settings, registry));
    }

    /** Runs calls on the event loop where their service promises not to block; RATIONALE.md says why. */
    @GrpcGlobalServerInterceptor
    @Order(-200)
    CallThreads callThreads(
            ApplicationContext services,
            AccessTable access,
            @Qualifier(APPLICATION_TASK_EXECUTOR_BEAN_NAME) Executor workers,
            ServerSettings settings) {
        return new CallThreads(nonBlocking(services), access, workers, settings);
    }

    @Bean
    GrpcServerConfigurer eventLoop() {
        return ServerBuilder::directExecutor;
    }

    /** The starter gives every call a context, a map and two listeners for beans of this scope; there are none. */
    @Bean
    static BeanDefinitionRegistryPostProcessor noRequestScope() {
        return registry -> {
            if (registry.containsBeanDefinition("grpcRequestScope")) {
                registry.removeBeanDefinition("grpcRequestScope");
            }
        };
    }

    @GrpcGlobalServerInterceptor
    @Order(-99)
    @ConditionalOnProperty(ExportFilter.TRACES)
    ObservationGrpcServerInterceptor tracing(ObservationRegistry observations) {
        return new ObservationGrpcServerInterceptor(observations);
    }

    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    SpanErrors spanErrors() {
        return new SpanErrors();
    }

    /** Observations make spans of calls; CallTracer has counted and timed them already. */
    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    MeterFilter metersOnce() {
        Pattern observed = Pattern.compile("grpc\\.(server|client)(\\.(active|sent|received|cancelled))?");
        return MeterFilter.deny(meter -> observed.matcher(meter.getName()).matches());
    }

    /** Of the queries those of calls, not what the server asks the database for itself. */
    @Bean
    @ConditionalOnProperty(ExportFilter.TRACES)
    ObservationRegistryCustomizer<ObservationRegistry> queriesOfCalls() {
        return observations -> observations
                .observationConfig()
                .observationPredicate(
                        (name, query) -> !name.startsWith("jdbc.") || observations.getCurrentObservation() != null);
    }

    @Bean
    @ConditionalOnBooleanProperty("greeter.access-log.enabled")
    GrpcServerConfigurer accessLog() {
        return builder -> builder.addStreamTracerFactory(new AccessLog());
    }

    @GrpcGlobalServerInterceptor
    @Order(-90)
    @ConditionalOnBooleanProperty("greeter.access-log.enabled")
    AccessLogTraceInterceptor accessLogTrace() {
        return new AccessLogTraceInterceptor();
    }

    // Errors are at 0: the starter's @GrpcAdvice handling.

    @GrpcGlobalServerInterceptor
    @Order(-50)
    CallEndInterceptor callEndInterceptor() {
        return new CallEndInterceptor();
    }

    @Bean
    TolerantServiceDiscoverer serviceDiscoverer() {
        return new TolerantServiceDiscoverer();
    }

    @Bean
    LazyGzip gzip() {
        return new LazyGzip();
    }

    @GrpcGlobalServerInterceptor
    @Order(50)
    EndlessCallInterceptor endlessCallInterceptor() {
        return new EndlessCallInterceptor();
    }

    // A method that is open in the access table passes these two untouched.

    @GrpcGlobalServerInterceptor
    @Order(5100)
    AuthenticationInterceptor authenticationInterceptor(AccessTable access, CallerCredentials credentials) {
        return new AuthenticationInterceptor(access, credentials);
    }

    @GrpcGlobalServerInterceptor
    @Order(5200)
    AuthorizationInterceptor authorizationInterceptor(AccessTable access) {
        return new AuthorizationInterceptor(access);
    }

    @GrpcGlobalServerInterceptor
    @Order(5300)
    @ConditionalOnBooleanProperty("greeter.access-log.enabled")
    AccessLogCallerInterceptor accessLogCaller() {
        return new AccessLogCallerInterceptor();
    }

    /** What must be there in this order, whatever else is; the start ends over a chain with a gap. */
    @Bean
    InterceptorChain interceptorChain(GlobalServerInterceptorRegistry interceptors) {
        return new InterceptorChain(
                List.of(
                        CallThreads.class,
                        CallEndInterceptor.class,
                        GrpcExceptionInterceptor.class,
                        EndlessCallInterceptor.class,
                        AuthenticationInterceptor.class,
                        AuthorizationInterceptor.class),
                interceptors.getServerInterceptors());
    }

    @Bean
    GrpcEndpoint grpcEndpoint(
            InterceptorChain chain, AccessTable access, CallThreads threads, ConfigurableListableBeanFactory beans) {
        return new GrpcEndpoint(chain, access, threads, ConditionEvaluationReport.get(beans));
    }

    @Bean
    ConnectionLimiter connectionLimiter(ServerSettings settings) {
        return new ConnectionLimiter(settings.maxConnections(), settings.maxConnectionsPerPeer());
    }

    @Bean
    SocketLimits socketLimits(ServerSettings settings, GrpcServerProperties server, ConnectionLimiter connections) {
        return new SocketLimits(settings, server.getAddress().startsWith("unix:"), connections);
    }

    @Bean
    CoarseClock micrometerClock() {
        return new CoarseClock();
    }

    @Bean
    MeterBinder serverMeters(ConnectionLimiter connections) {
        return new ServerMeters(connections);
    }

    private static Set<String> nonBlocking(ApplicationContext services) {
        return services.getBeansWithAnnotation(NonBlocking.class).values().stream()
                .map(service -> ((BindableService) service)
                        .bindService()
                        .getServiceDescriptor()
                        .getName())
                .collect(Collectors.toUnmodifiableSet());
    }

    @Bean
    ServiceHealth serviceHealth(HealthStatusManager health) {
        return new ServiceHealth(health);
    }

    @Bean
    ServicesHealthContributor servicesHealthContributor(ServiceHealth health) {
        return new ServicesHealthContributor(health);
    }

    @Bean
    Drain drain(
            ServiceHealth health,
            EndlessCallInterceptor endlessCalls,
            ServerSettings settings,
            ApplicationEventPublisher events) {
        return new Drain(health, endlessCalls, settings.drainDelay(), events);
    }

    /** Only once there is a server that stops in order; before, the signal ends the start. */
    @Bean
    ApplicationListener<GrpcServerStartedEvent> terminationSignal() {
        return started -> TerminationSignal.exitsNormally();
    }

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

        @ConditionalOnProperty(name = "greeter.server.reflection", havingValue = "off")
        static final class Off {}

        @ConditionalOnProperty(name = "greeter.server.reflection", havingValue = "false")
        static final class False {}

        @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", havingValue = "false")
        static final class OffByTheStarter {}
    }
}
