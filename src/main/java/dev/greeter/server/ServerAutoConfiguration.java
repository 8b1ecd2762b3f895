package dev.greeter.server;

import dev.greeter.service.Refusals;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.IdentityHashMap;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Declares the check and the description of the interceptor chain. */
@AutoConfiguration(after = GrpcServerAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "service.enabled", matchIfMissing = true)
class ServerAutoConfiguration {

    @Bean
    static BeanFactoryPostProcessor settingValues(Environment environment) {
        return beans -> SettingValues.check(environment);
    }

    /** Lets the root of the management port list its endpoints. */
    @Bean
    @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
    WebMvcConfigurer managementRoot(WebEndpointProperties endpoints) {
        return new WebMvcConfigurer() {
            @Override
            public void addViewControllers(ViewControllerRegistry views) {
                views.addViewController("/").setViewName("forward:" + endpoints.getBasePath());
            }
        };
    }

    /** Stops the start if a position of the chain is empty. */
    @Bean
    InterceptorChain interceptorChain(
            GlobalServerInterceptorRegistry interceptors,
            ConfigurableListableBeanFactory beans,
            Environment environment) {
        IdentityHashMap<ServerInterceptor, Integer> positions = new IdentityHashMap<>();
        beans.getBeansOfType(ServerInterceptor.class).forEach((name, interceptor) -> {
            Order order = beans.findAnnotationOnBean(name, Order.class);
            if (order != null) {
                positions.put(interceptor, order.value());
            }
        });
        return new InterceptorChain(
                interceptors.getServerInterceptors(),
                positions::get,
                room -> environment.getProperty("service." + room + ".enabled", Boolean.class, true));
    }

    @Bean
    GrpcEndpoint grpcEndpoint(
            InterceptorChain chain, ObjectProvider<MethodDetail> details, ConfigurableListableBeanFactory beans) {
        return new GrpcEndpoint(chain, details.orderedStream().toList(), ConditionEvaluationReport.get(beans));
    }

    @Bean
    @ConditionalOnMissingBean
    Refusals refusals(MeterRegistry registry) {
        return new Refusals(registry);
    }
}
