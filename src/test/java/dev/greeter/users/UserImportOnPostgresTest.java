package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.users.v1.ImportError;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceStub;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestDatabases;
import io.grpc.stub.StreamObserver;
import java.util.List;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** An import through a driver that inserts several rows with one statement, and does not count them. */
@GrpcTest(UserService.class)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
class UserImportOnPostgresTest {

    @GrpcClient("greeter")
    private UserServiceStub users;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry settings) {
        String url = TestDatabases.postgres().get() + "&reWriteBatchedInserts=true";
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add("spring.datasource.url", () -> url);
    }

    @Test
    void anImportCountsTheUsersThatItCreates() {
        ImportUsersResponse response = importUsers("ada@example.org", "grace@example.org", "ada@example.org");

        assertThat(response.getCreatedCount()).isEqualTo(2);
        assertThat(response.getErrorsList()).extracting(ImportError::getIndex).containsExactly(2L);
        assertThat(importUsers("ada@example.org", "joan@example.org").getCreatedCount())
                .isEqualTo(1);
    }

    private ImportUsersResponse importUsers(String... emails) {
        ReplyRecorder<ImportUsersResponse> responses = new ReplyRecorder<>();
        StreamObserver<ImportUsersRequest> requests = users.importUsers(responses);
        List.of(emails)
                .forEach(email -> requests.onNext(ImportUsersRequest.newBuilder()
                        .setUser(UserServiceContract.user("User", email))
                        .build()));
        requests.onCompleted();
        return responses.all().get(0);
    }
}
