package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static dev.greeter.users.UserServiceContract.detail;
import static dev.greeter.users.UserServiceContract.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.PostgresPair;
import dev.greeter.test.TestDatabases;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that share a PostgreSQL, and a standby that takes over from the primary. */
class UserFailoverTest {

    /** Twice what is promised, as the machine may be busy. */
    private static final Duration SOON = Duration.ofSeconds(10);

    private static final int CONNECTIONS = 4;

    @TempDir
    private Path directory;

    private final List<AutoCloseable> started = new CopyOnWriteArrayList<>();

    @AfterEach
    void stopAll() throws Exception {
        List<AutoCloseable> all = new ArrayList<>(started);
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
    }

    @Test
    void replicasAcceptEachOthersTokens() {
        String url = String.valueOf(TestDatabases.postgres().get());
        UserServiceBlockingStub one = replica(url);
        UserServiceBlockingStub other = replica(url);
        Session session = new Session(one);

        session.goesOnAt(other);
        session.goesOnAt(one);
    }

    @Test
    void aFailoverNeedsNoRestartAndChangesNothingForCallers() throws Exception {
        PostgresPair postgres = started(new PostgresPair(directory));
        UserServiceBlockingStub one = replica(postgres.url());
        UserServiceBlockingStub other = replica(postgres.url());
        Session session = new Session(one);
        awaitReplay(postgres);

        postgres.first().close();
        assertUnavailable(one);
        postgres.second().execute("select pg_promote()");

        awaitChanges(one);
        awaitChanges(other);
        session.goesOnAt(other);
        awaitHealthy(other);

        postgres.demoteFirst();
        for (int i = 0; i < 20; i++) {
            change(one);
            change(other);
        }

        postgres.second().close();
        postgres.first().execute("select pg_promote()");

        awaitChanges(one);
        awaitChanges(other);
        session.goesOnAt(one);
    }

    @Test
    void callsThatWaitForASilentPrimaryEndAndLeaveTheirConnectionsToItsSuccessor() throws Exception {
        PostgresPair postgres = started(new PostgresPair(directory));
        UserServiceBlockingStub replica = replica(postgres.url());
        ManagedChannel channel = (ManagedChannel) replica.getChannel();
        change(replica);
        awaitReplay(postgres);

        postgres.first().freeze();
        var waiting = IntStream.range(0, CONNECTIONS)
                .mapToObj(i -> UserServiceGrpc.newFutureStub(channel)
                        .withDeadlineAfter(Duration.ofMinutes(2))
                        .getUser(get(UUID.randomUUID().toString())))
                .toList();
        assertThat(waiting)
                .allSatisfy(call ->
                        assertThat(call).failsWithin(SOON).withThrowableThat().withMessageContaining("UNAVAILABLE"));
        assertUnavailable(replica);
        postgres.second().execute("select pg_promote()");

        awaitChanges(replica);
        awaitHealthy(replica);
    }

    /** PostgreSQL commits here alone what is cancelled while it waits for a synchronous standby. */
    @Test
    void whatNoStandbyHasIsNotAcknowledgedWhenItIsRepeated() throws Exception {
        PostgresPair postgres = started(new PostgresPair(directory));
        UserServiceBlockingStub users = replica(postgres.url());
        User created = change(users);
        postgres.first().execute("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
        CreateUserRequest creation = creation("Ada", "ada@example.org").toBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .build();
        UpdateUserRequest update = UpdateUserRequest.newBuilder()
                .setUser(created.toBuilder().setName("Grace").clearEtag())
                .build();
        postgres.second().freeze();
        try {
            for (int i = 0; i < 3; i++) {
                assertNotAcknowledged(() -> briefly(users).updateUser(update));
                assertNotAcknowledged(() -> briefly(users).createUser(creation));
            }
        } finally {
            postgres.second().thaw();
        }
        assertThat(users.updateUser(update).getName()).isEqualTo("Grace");
        assertThat(users.createUser(creation).getName()).isEqualTo("Ada");
    }

    private static UserServiceBlockingStub briefly(UserServiceBlockingStub users) {
        return users.withDeadlineAfter(Duration.ofMillis(500));
    }

    private static void assertNotAcknowledged(Runnable call) {
        assertThat(UserServiceContract.failure(call).getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    private UserServiceBlockingStub replica(String url) {
        return started(new Replica(
                        "--spring.datasource.url=" + url,
                        "--spring.datasource.hikari.maximum-pool-size=" + CONNECTIONS))
                .users();
    }

    private <T extends AutoCloseable> T started(T resource) {
        started.add(resource);
        return resource;
    }

    private static User change(UserServiceBlockingStub users) {
        return users.withDeadlineAfter(Duration.ofSeconds(5))
                .createUser(creation("User", UUID.randomUUID() + "@example.org"));
    }

    private static void assertUnavailable(UserServiceBlockingStub users) {
        StatusRuntimeException failure = UserServiceContract.failure(() -> change(users));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(detail(failure, RetryInfo.class)).isNotNull();
    }

    /** Waits until a change succeeds; until then each is UNAVAILABLE. */
    private static void awaitChanges(UserServiceBlockingStub users) {
        Awaitility.await().atMost(SOON).until(() -> {
            try {
                change(users);
                return true;
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(detail(e, RetryInfo.class)).isNotNull();
                return false;
            }
        });
    }

    private static void awaitHealthy(UserServiceBlockingStub users) {
        HealthCheckRequest request = HealthCheckRequest.newBuilder()
                .setService(UserServiceGrpc.SERVICE_NAME)
                .build();
        Awaitility.await()
                .atMost(SOON)
                .until(() -> HealthGrpc.newBlockingStub(users.getChannel())
                                .check(request)
                                .getStatus()
                        == ServingStatus.SERVING);
    }

    private static void awaitReplay(PostgresPair postgres) {
        String written = PostgresPair.jdbc(postgres.first())
                .sql("select pg_current_wal_flush_lsn()::text")
                .query(String.class)
                .single();
        Awaitility.await()
                .until(() -> PostgresPair.jdbc(postgres.second())
                        .sql("select pg_last_wal_replay_lsn() >= ?::pg_lsn")
                        .param(written)
                        .query(Boolean.class)
                        .single());
    }

    /** What a caller keeps from its calls: a page token, a request_id and an etag. */
    private static final class Session {

        private final CreateUserRequest request = creation("Ada", UUID.randomUUID() + "@example.org").toBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .build();
        private final User created;
        private final String token;
        private User current;

        Session(UserServiceBlockingStub users) {
            created = users.createUser(request);
            current = created;
            change(users);
            ListUsersResponse page =
                    users.listUsers(ListUsersRequest.newBuilder().setPageSize(1).build());
            assertThat(page.getUsersList()).containsExactly(created);
            token = page.getNextPageToken();
        }

        void goesOnAt(UserServiceBlockingStub users) {
            assertThat(users.createUser(request)).isEqualTo(created);
            assertThat(users.listUsers(ListUsersRequest.newBuilder()
                                    .setPageToken(token)
                                    .build())
                            .getUsersList())
                    .isNotEmpty()
                    .doesNotContain(created);
            current = users.updateUser(UpdateUserRequest.newBuilder()
                    .setUser(current.toBuilder().setName(current.getName() + "!"))
                    .build());
        }
    }
}
