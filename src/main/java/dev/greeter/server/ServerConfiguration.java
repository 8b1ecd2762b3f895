package dev.greeter.server;

import io.grpc.ServerInterceptor;
import java.util.IdentityHashMap;
import java.util.List;
import net.devh.boot.grpc.server.interceptor.GlobalServerInterceptorRegistry;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Declares the check and the description of the interceptor chain. */
@Configuration(proxyBeanMethods = false)
@Profile("!client")
class ServerConfiguration {

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
            GlobalServerInterceptorRegistry interceptors, ConfigurableListableBeanFactory beans) {
        IdentityHashMap<ServerInterceptor, Integer> positions = new IdentityHashMap<>();
        beans.getBeansOfType(ServerInterceptor.class).forEach((name, interceptor) -> {
            Order order = beans.findAnnotationOnBean(name, Order.class);
            if (order != null) {
                positions.put(interceptor, order.value());
            }
        });
        return new InterceptorChain(interceptors.getServerInterceptors(), positions::get);
    }

    @Bean
    GrpcEndpoint grpcEndpoint(
            InterceptorChain chain, List<MethodDetail> details, ConfigurableListableBeanFactory beans) {
        return new GrpcEndpoint(chain, details, ConditionEvaluationReport.get(beans));
    }
}
