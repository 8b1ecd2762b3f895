package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.TestDatabases;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A call whose deadline passes does not affect other calls. */
@GrpcTest(UserService.class)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
class UserDeadlinesTest {

    private static final int CALLS = 4_000;

    @GrpcClient("greeter")
    private UserServiceBlockingStub users;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) {
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add("spring.datasource.url", TestDatabases.h2());
        settings.add("spring.datasource.hikari.maximum-pool-size", () -> "3");
        settings.add("spring.datasource.hikari.connection-timeout", () -> "30000");
    }

    @Test
    void callsThatHaveTimeSucceedBesideCallsThatHaveNone() throws Exception {
        List<User> stored = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            stored.add(users.createUser(UserServiceContract.creation("User", "user" + i + "@example.org")));
        }
        ConcurrentLinkedQueue<Status> failures = new ConcurrentLinkedQueue<>();
        ExecutorService callers = Executors.newFixedThreadPool(8);
        List<Future<?>> ends = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            ends.add(callers.submit(() -> call(stored, 30_000, failures)));
            ends.add(callers.submit(() -> call(stored, 2, new ConcurrentLinkedQueue<>())));
        }
        for (Future<?> end : ends) {
            end.get();
        }
        callers.shutdown();

        assertThat(failures).isEmpty();
    }

    private void call(List<User> stored, int deadlineMillis, ConcurrentLinkedQueue<Status> failures) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < CALLS / 4; i++) {
            User user = stored.get(random.nextInt(stored.size()));
            UserServiceBlockingStub stub =
                    users.withDeadlineAfter(1 + random.nextInt(deadlineMillis), TimeUnit.MILLISECONDS);
            if (deadlineMillis > 1_000) {
                stub = users.withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS);
            }
            try {
                if (random.nextBoolean()) {
                    stub.getUser(GetUserRequest.newBuilder().setId(user.getId()).build());
                } else {
                    User named =
                            user.toBuilder().setName("User " + i).clearEtag().build();
                    stub.updateUser(UserServiceContract.update(named, "name"));
                }
            } catch (StatusRuntimeException e) {
                failures.add(e.getStatus());
            }
        }
    }
}
