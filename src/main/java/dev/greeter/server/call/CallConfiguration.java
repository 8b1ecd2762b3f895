package dev.greeter.server.call;

import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcServerInterceptor;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.observation.ObservationRegistry;
import java.util.regex.Pattern;
import net.devh.boot.grpc.server.interceptor.GrpcGlobalServerInterceptor;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;

/** Declares how a call is decoded, timed, ended, counted, traced and logged. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
@EnableConfigurationProperties({DeadlineSettings.class, AccessLogSettings.class})
class CallConfiguration {

    /**
     * Deadlines and metrics, outside the chain: they see the status the caller saw, and calls of unknown methods, for
     * which no chain runs. Before the access log, which asks the context for the deadline.
     */
    @Bean
    @Order(0)
    GrpcServerConfigurer callTracers(
            ObjectProvider<BindableService> services, DeadlineSettings deadlines, MeterRegistry registry) {
        return builder -> builder.addStreamTracerFactory(new CallTracers(services.stream(), deadlines, registry));
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
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    GrpcServerConfigurer accessLog() {
        return builder -> builder.addStreamTracerFactory(new AccessLog());
    }

    @GrpcGlobalServerInterceptor
    @Order(-90)
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    AccessLogTraceInterceptor accessLogTrace() {
        return new AccessLogTraceInterceptor();
    }

    @GrpcGlobalServerInterceptor
    @Order(5300)
    @ConditionalOnBooleanProperty("service.access-log.enabled")
    AccessLogCallerInterceptor accessLogCaller() {
        return new AccessLogCallerInterceptor();
    }

    @GrpcGlobalServerInterceptor
    @Order(-50)
    CallEndInterceptor callEndInterceptor() {
        return new CallEndInterceptor();
    }

    @Bean
    static ExportEndpoints exportEndpoints() {
        return new ExportEndpoints();
    }

    @Bean
    TolerantServiceDiscoverer serviceDiscoverer() {
        return new TolerantServiceDiscoverer();
    }

    @Bean
    LazyGzip gzip() {
        return new LazyGzip();
    }

    @Bean
    CoarseClock micrometerClock() {
        return new CoarseClock();
    }

    @Bean
    MeterBinder serverMeters() {
        return new ServerMeters();
    }
}
