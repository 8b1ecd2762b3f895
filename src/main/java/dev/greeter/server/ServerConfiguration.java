package dev.greeter.server;

import dev.greeter.server.call.CallEndInterceptor;
import dev.greeter.server.lifecycle.EndlessCallInterceptor;
import dev.greeter.server.security.AccessTable;
import dev.greeter.server.security.AuthenticationInterceptor;
import dev.greeter.server.security.AuthorizationInterceptor;
import dev.greeter.server.threads.CallThreads;
import java.util.List;
import net.devh.boot.grpc.server.error.GrpcExceptionInterceptor;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;

/** Declares what checks and describes the chain. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
class ServerConfiguration {

    @Bean
    static BeanFactoryPostProcessor settingGroups(Environment environment) {
        return beans -> SettingGroups.check(environment);
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
}
