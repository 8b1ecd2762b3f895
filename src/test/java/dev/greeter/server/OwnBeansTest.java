package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.WholeApplication;
import io.grpc.CallCredentials;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import net.devh.boot.grpc.client.security.CallCredentialsHelper;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.core.task.TaskDecorator;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.TestingAuthenticationProvider;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.i18n.FixedLocaleResolver;
import tools.jackson.databind.json.JsonMapper;

/** What a user of Spring Boot may add, a user of this application may add. */
class OwnBeansTest {

    @Test
    void beansOfTheApplicationsOwnDisturbNoCall() {
        try (ConfigurableApplicationContext application = WholeApplication.start(
                List.of(Threads.class, Measuring.class, Security.class, Transactions.class, Web.class, Advice.class))) {
            Channel channel = application.getBean(GrpcChannelFactory.class).createChannel("greeter");

            assertThat(GreeterGrpc.newBlockingStub(channel)
                            .sayHello(HelloRequest.newBuilder().setName("Ada").build())
                            .getMessage())
                    .contains("Ada");

            UserServiceBlockingStub users = UserServiceGrpc.newBlockingStub(channel)
                    .withCallCredentials(CallCredentialsHelper.bearerAuth("another"));
            User user = users.createUser(CreateUserRequest.newBuilder()
                    .setUser(User.newBuilder().setName("Ada").setEmail("ada@example.com"))
                    .build());
            assertThat(users.getUser(
                            GetUserRequest.newBuilder().setId(user.getId()).build()))
                    .isEqualTo(user);
        }
    }

    @Test
    void springBootsExecutorIsThereForWhatIsNotACall() {
        try (ConfigurableApplicationContext application = WholeApplication.start()) {
            assertThat(application.getBeanNamesForType(Executor.class)).contains(APPLICATION_TASK_EXECUTOR_BEAN_NAME);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Threads {

        @Bean
        Executor reports() {
            return Runnable::run;
        }

        @Bean(APPLICATION_TASK_EXECUTOR_BEAN_NAME)
        ThreadPoolTaskExecutor springBoots() {
            return new ThreadPoolTaskExecutor();
        }

        @Bean
        TaskDecorator decorator() {
            return task -> task;
        }

        @Bean
        TaskScheduler scheduler() {
            return new ThreadPoolTaskScheduler();
        }

        @Bean
        ScheduledExecutorService timer() {
            return Executors.newSingleThreadScheduledExecutor();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Measuring {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        ObservationRegistry observations() {
            return ObservationRegistry.create();
        }

        @Bean
        Clock clock() {
            return Clock.SYSTEM;
        }

        @Bean
        java.time.Clock timeOfDay() {
            return java.time.Clock.systemUTC();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Security {

        @Bean
        JwtDecoder jwtDecoder() {
            return token -> Jwt.withTokenValue(token)
                    .header("alg", "none")
                    .subject("caller")
                    .claim("scope", "users.read users.write")
                    .build();
        }

        @Bean
        CallCredentials otherServer() {
            return CallCredentialsHelper.bearerAuth("other");
        }

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager();
        }

        @Bean
        AuthenticationProvider provider() {
            return new TestingAuthenticationProvider();
        }

        @Bean
        AuthenticationManager manager() {
            return authentication -> authentication;
        }
    }

    /** Transactions of something else than the database, messages for example. */
    @Configuration(proxyBeanMethods = false)
    static class Transactions {

        @Bean
        PlatformTransactionManager messages() {
            return new NoTransactions();
        }
    }

    private static final class NoTransactions extends AbstractPlatformTransactionManager {

        private static final long serialVersionUID = 1L;

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {}

        @Override
        protected void doRollback(DefaultTransactionStatus status) {}
    }

    @Configuration(proxyBeanMethods = false)
    static class Web {

        @Bean
        MessageSource messageSource() {
            return new StaticMessageSource();
        }

        @Bean
        JsonMapper json() {
            return JsonMapper.shared();
        }

        @Bean
        LocaleResolver localeResolver() {
            return new FixedLocaleResolver(Locale.GERMAN);
        }

        @Bean
        ConversionService conversionService() {
            return new DefaultConversionService();
        }

        @Bean
        Context.Key<String> tenant() {
            return Context.key("tenant");
        }

        @Bean
        ServerInterceptor ofOneService() {
            return new ServerInterceptor() {
                @Override
                public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
                    return next.startCall(call, headers);
                }
            };
        }
    }

    @GrpcAdvice
    public static class Advice {

        @GrpcExceptionHandler
        public Status any(Throwable e) {
            return Status.INTERNAL.withCause(e);
        }
    }
}
