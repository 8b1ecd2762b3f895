package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static dev.greeter.users.UserServiceContract.detail;
import static dev.greeter.users.UserServiceContract.failure;
import static dev.greeter.users.UserServiceContract.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.database.Database;
import dev.greeter.database.HeldConnection;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceFutureStub;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceStub;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.TestDatabases;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** No caller keeps a database connection, neither after a cancellation nor without reading. */
@GrpcTest(UserService.class)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
class UserConnectionsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @GrpcClient("greeter")
    private UserServiceBlockingStub users;

    @GrpcClient("greeter")
    private UserServiceFutureStub futureUsers;

    @GrpcClient("greeter")
    private UserServiceStub asyncUsers;

    @Autowired
    private HikariDataSource pool;

    @Autowired
    private Database database;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry settings) {
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add("greeter.users.export-stall-timeout", () -> "1s");
        settings.add("greeter.users.max-exports", () -> "1");
        settings.add("spring.datasource.url", TestDatabases.postgres());
    }

    @BeforeEach
    void fill() {
        JdbcClient.create(pool)
                .sql("insert into users select gen_random_uuid(), 'User', n || '@example.org', n || '@example.org',"
                        + " 'en', now(), now(), 1 from generate_series(1, 5000) n on conflict do nothing")
                .update();
    }

    @AfterEach
    void everyConnectionIsBack() {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
    }

    @Test
    void theQueryOfACallPastItsDeadlineIsCancelled() throws SQLException {
        Connection lock = lockedTable();
        try {
            var call = futureUsers
                    .withDeadlineAfter(Duration.ofSeconds(1))
                    .getUser(get(UUID.randomUUID().toString()));
            Awaitility.await().atMost(PATIENCE).until(() -> waitingQueries() == 1);

            ExecutionException failure = catchThrowableOfType(ExecutionException.class, call::get);

            assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            awaitNoWaitingQuery();
        } finally {
            lock.close();
        }
    }

    @Test
    void theQueryOfACallerWhoHasGoneIsCancelled() throws SQLException {
        Connection lock = lockedTable();
        try {
            var call = futureUsers.createUser(creation("Ada", "ada@example.org"));
            Awaitility.await().atMost(PATIENCE).until(() -> waitingQueries() == 1);
            call.cancel(true);

            awaitNoWaitingQuery();
        } finally {
            lock.close();
        }
    }

    @Test
    void anExportThatIsNotReadEnds() throws Exception {
        SlowReader reader = new SlowReader();
        asyncUsers.exportUsers(ExportUsersRequest.getDefaultInstance(), reader);
        reader.first.get(20, TimeUnit.SECONDS);

        reader.request(1);
        Throwable failure = reader.failure.get(20, TimeUnit.SECONDS);

        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(detail((StatusRuntimeException) failure, ErrorInfo.class).getReason())
                .isEqualTo("EXPORT_TIMED_OUT");
    }

    @Test
    void anExportWhoseCallerHasGoneEnds() throws Exception {
        SlowReader reader = new SlowReader();
        asyncUsers.exportUsers(ExportUsersRequest.getDefaultInstance(), reader);
        reader.first.get(20, TimeUnit.SECONDS);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);

        reader.cancel();
    }

    @Test
    void exportsLeaveConnectionsToTheOtherCalls() throws Exception {
        SlowReader reader = new SlowReader();
        asyncUsers.exportUsers(ExportUsersRequest.getDefaultInstance(), reader);
        reader.first.get(20, TimeUnit.SECONDS);

        StatusRuntimeException failure = failure(
                () -> users.exportUsers(ExportUsersRequest.getDefaultInstance()).next());

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(detail(failure, RetryInfo.class).getRetryDelay().getSeconds())
                .isPositive();
        reader.cancel();
    }

    @Test
    void aDatabaseThatDoesNotHearFromAnExportEndsIt() {
        try (HeldConnection held = HeldConnection.of(database)) {
            held.run(() -> cursor(held, Duration.ofSeconds(1)));
            assertThat(idleTransactions()).isEqualTo(1);

            Awaitility.await().atMost(PATIENCE).until(() -> idleTransactions() == 0);
        }
    }

    private UserCursor cursor(HeldConnection held, Duration idle) {
        try {
            return UserCursor.open(database, held, UserIds.FIRST, idle);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private Connection lockedTable() throws SQLException {
        Connection connection = DriverManager.getConnection(pool.getJdbcUrl());
        connection.setAutoCommit(false);
        connection.createStatement().execute("lock table users in access exclusive mode");
        return connection;
    }

    private void awaitNoWaitingQuery() {
        Awaitility.await().atMost(PATIENCE).until(() -> waitingQueries() == 0);
    }

    private int waitingQueries() {
        return sessions("wait_event_type = 'Lock'");
    }

    private int idleTransactions() {
        return sessions("state = 'idle in transaction'");
    }

    /** Queries in a new transaction: within one, PostgreSQL repeats its first answer. */
    private int sessions(String condition) {
        return JdbcClient.create(new DriverManagerDataSource(pool.getJdbcUrl()))
                .sql("select count(*) from pg_stat_activity where datname = current_database() and " + condition)
                .query(Integer.class)
                .single();
    }

    /** Requests one user at a time. */
    private static final class SlowReader implements ClientResponseObserver<ExportUsersRequest, ExportUsersResponse> {

        private final CompletableFuture<User> first = new CompletableFuture<>();
        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<ExportUsersRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<ExportUsersRequest> started) {
            call = started;
            started.disableAutoRequestWithInitial(1);
        }

        void request(int users) {
            if (call != null) {
                call.request(users);
            }
        }

        void cancel() {
            if (call != null) {
                call.cancel("enough", null);
            }
        }

        @Override
        public void onNext(ExportUsersResponse response) {
            first.complete(response.getUser());
        }

        @Override
        public void onError(Throwable error) {
            failure.complete(error);
        }

        @Override
        public void onCompleted() {}
    }
}
