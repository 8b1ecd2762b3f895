package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static dev.greeter.users.UserServiceContract.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterators;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.PostgresPair;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users are listed and exported at a standby, and nobody can tell. */
class UserStandbysTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private static Path directory;

    private static PostgresPair postgres;
    private static Replica replica;

    private UserServiceBlockingStub users;

    @BeforeAll
    static void start() throws Exception {
        postgres = new PostgresPair(directory);
        replica = new Replica(
                "--spring.datasource.url=" + PostgresPair.url(postgres.first()),
                "--greeter.users.read-url=" + PostgresPair.url(postgres.second()));
    }

    @AfterAll
    static void stop() throws Exception {
        replica.close();
        postgres.close();
    }

    @BeforeEach
    void fill() {
        users = replica.users().withDeadlineAfter(Duration.ofSeconds(60));
        PostgresPair.jdbc(postgres.first()).sql("delete from users").update();
        for (int i = 0; i < 5; i++) {
            create();
        }
        awaitReadsAtStandby();
    }

    @Test
    void whatHasBeenAcknowledgedIsListedAndExported() {
        for (int i = 0; i < 50; i++) {
            User created = create();

            assertThat(list()).last().isEqualTo(created);
            assertThat(export()).last().isEqualTo(created);
        }
        list();
        assertThat(readsAtStandby()).isTrue();
    }

    @Test
    void aUserIsReadAtThePrimary() {
        users.getUser(get(create().getId()));

        assertThat(sessionsAtStandby("from users where id = ")).isZero();
    }

    @Test
    void thePrimaryAnswersForAStandbyThatIsBehind() throws Exception {
        postgres.second().execute("select pg_wal_replay_pause()");
        try {
            User created = create();

            assertThat(list()).last().isEqualTo(created);
            assertThat(export()).last().isEqualTo(created);
        } finally {
            postgres.second().execute("select pg_wal_replay_resume()");
        }
    }

    @Test
    void thePrimaryAnswersForAStandbyThatIsAway() throws Exception {
        postgres.second().kill();
        User created = create();

        assertThat(list()).last().isEqualTo(created);
        assertThat(export()).last().isEqualTo(created);

        postgres.second().restart();
        awaitReadsAtStandby();
    }

    @Test
    void thePrimaryAnswersForAStandbyThatIsSilent() throws Exception {
        postgres.second().freeze();
        try {
            User created = create();

            assertThat(list()).last().isEqualTo(created);
            assertThat(export()).last().isEqualTo(created);
        } finally {
            postgres.second().thaw();
        }
        awaitReadsAtStandby();
    }

    private User create() {
        return users.createUser(creation("User", UUID.randomUUID() + "@example.org"));
    }

    /** Lists all users, two on a page. */
    private List<User> list() {
        List<User> listed = new ArrayList<>();
        ListUsersRequest.Builder request = ListUsersRequest.newBuilder().setPageSize(2);
        do {
            ListUsersResponse page = users.listUsers(request.build());
            listed.addAll(page.getUsersList());
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return listed;
    }

    private List<User> export() {
        List<User> exported = new ArrayList<>();
        Iterators.addAll(
                exported,
                Iterators.transform(
                        users.exportUsers(ExportUsersRequest.getDefaultInstance()), ExportUsersResponse::getUser));
        return exported;
    }

    private void awaitReadsAtStandby() {
        Awaitility.await().atMost(SOON).until(() -> {
            list();
            return readsAtStandby();
        });
    }

    private static boolean readsAtStandby() {
        return sessionsAtStandby("from users where id > ") > 0;
    }

    /** Returns the number of sessions whose last statement contains this. */
    private static int sessionsAtStandby(String statement) {
        return PostgresPair.jdbc(postgres.second())
                .sql("select count(*) from pg_stat_activity where pid <> pg_backend_pid() and query like ?")
                .param("%" + statement + "%")
                .query(Integer.class)
                .single();
    }
}
