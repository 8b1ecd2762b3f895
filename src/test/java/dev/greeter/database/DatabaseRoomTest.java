package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.WholeApplication;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Services that share a data source. */
class DatabaseRoomTest {

    private static final List<String> SERVICES = List.of("users.v1.UserService", "helloworld.Greeter");

    @Test
    void eachServiceThatNeedsTheDatabaseServesWhileItIsThere() {
        try (ConfigurableApplicationContext application = WholeApplication.start(List.of(SecondService.class))) {
            assertThat(health(application)).containsOnly(ServingStatus.SERVING);
        }
    }

    @Test
    void eachServiceThatNeedsTheDatabaseIsNotServingWhileItCannotBeUsed() {
        try (ConfigurableApplicationContext application = WholeApplication.start(
                List.of(ServiceWithoutItsTable.class), "--service.database.start-timeout=100ms")) {
            assertThat(health(application)).containsOnly(ServingStatus.NOT_SERVING);
            assertThat(application
                            .getBean(MeterRegistry.class)
                            .get("service.database.readable")
                            .gauge()
                            .value())
                    .isZero();
        }
    }

    private static List<ServingStatus> health(ConfigurableApplicationContext application) {
        HealthBlockingStub health = HealthGrpc.newBlockingStub(
                application.getBean(GrpcChannelFactory.class).createChannel("greeter"));
        return SERVICES.stream()
                .map(service -> health.check(HealthCheckRequest.newBuilder()
                                .setService(service)
                                .build())
                        .getStatus())
                .toList();
    }

    @Configuration(proxyBeanMethods = false)
    static class SecondService {

        @Bean
        NeedsDatabase greeterNeedsDatabase() {
            return new NeedsDatabase("helloworld.Greeter", List.of("users"), Map.of("MODE", "PostgreSQL"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ServiceWithoutItsTable {

        @Bean
        NeedsDatabase greeterNeedsDatabase() {
            return new NeedsDatabase("helloworld.Greeter", List.of("missing"), Map.of());
        }
    }
}
