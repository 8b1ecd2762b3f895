package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ImportError;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceStub;
import dev.greeter.service.ServiceAvailability;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The contract of users.proto, through a stub; each database has a subclass. */
@GrpcTest(UserService.class)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
abstract class UserServiceContract {

    @GrpcClient("greeter")
    UserServiceBlockingStub users;

    @GrpcClient("greeter")
    UserServiceStub asyncUsers;

    @Autowired
    ApplicationEventPublisher events;

    DataSource dataSource;
    JdbcClient jdbc;

    /** Returns how many inserts of users wait for another transaction. */
    abstract int waitingInserts();

    @Autowired
    void database(DataSource source) {
        dataSource = source;
        jdbc = JdbcClient.create(source);
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from users").update();
    }

    @Test
    void createUserMakesTheIdTheTimesAndTheEtag() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        assertThat(UUID.fromString(created.getId()).version()).isEqualTo(7);
        assertThat(created.getName()).isEqualTo("Ada");
        assertThat(created.getEmail()).isEqualTo("ada@example.org");
        assertThat(created.getLanguage()).isEqualTo("en");
        assertThat(created.getCreateTime()).isEqualTo(created.getUpdateTime());
        assertThat(created.getEtag()).isNotEmpty();
        assertThat(users.getUser(get(created.getId()))).isEqualTo(created);
    }

    @Test
    void createUserStoresTheLanguageInItsCanonicalForm() {
        User created = users.createUser(CreateUserRequest.newBuilder()
                .setUser(user("Ada", "ada@example.org").setLanguage("DE-ch"))
                .build());

        assertThat(created.getLanguage()).isEqualTo("de-CH");
    }

    @Test
    void createUserNamesEveryViolationAtOnce() {
        StatusRuntimeException failure = failure(() -> users.createUser(CreateUserRequest.newBuilder()
                .setRequestId("1")
                .setUser(User.newBuilder().setName(" ").setEmail("ada@").setLanguage("!"))
                .build()));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(detail(failure, ErrorInfo.class).getReason()).isEqualTo("REQUEST_INVALID");
        assertThat(detail(failure, BadRequest.class).getFieldViolationsList())
                .extracting(FieldViolation::getField, FieldViolation::getReason)
                .containsExactlyInAnyOrder(
                        tuple("request_id", "REQUEST_ID_INVALID"),
                        tuple("user.name", "NAME_BLANK"),
                        tuple("user.email", "EMAIL_INVALID"),
                        tuple("user.language", "LANGUAGE_INVALID"));
    }

    @Test
    void createUserNamesEveryViolationOfANameAtOnce() {
        assertThat(reasons(failure(() -> users.createUser(creation("\u0007".repeat(257), "ada@example.org")))))
                .containsExactlyInAnyOrder("NAME_TOO_LONG", "NAME_CONTROL_CHARACTER");
    }

    @Test
    void createUserAcceptsALocalPartOfAnyLength() {
        String email = "a".repeat(242) + "@example.org";

        assertThat(users.createUser(creation("Ada", email)).getEmail()).isEqualTo(email);
        assertThat(reasons(failure(() -> users.createUser(creation("Ada", "a" + email)))))
                .containsExactly("EMAIL_TOO_LONG");
    }

    @Test
    void getUserAcceptsAnIdInUpperCase() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        assertThat(users.getUser(get(created.getId().toUpperCase(Locale.ROOT)))).isEqualTo(created);
    }

    @Test
    void createUserTakesAnEmailAddressOnceWhateverItsCase() {
        users.createUser(creation("Ada", "ada@example.org"));

        StatusRuntimeException failure = failure(() -> users.createUser(creation("Other", "ADA@Example.org")));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(detail(failure, ErrorInfo.class).getReason()).isEqualTo("EMAIL_TAKEN");
        assertThat(detail(failure, ResourceInfo.class).getResourceName()).isEqualTo("ADA@Example.org");
        assertThat(detail(failure, ErrorInfo.class).getMetadataMap())
                .containsExactly(entry("email", "ADA@Example.org"));
    }

    @Test
    void createUserAnswersARepeatedRequestAsTheFirstTime() {
        CreateUserRequest request = creation("Ada", "ada@example.org").toBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .build();
        User first = users.createUser(request);
        users.updateUser(update(first.toBuilder().setName("Countess").build(), "name"));

        assertThat(users.createUser(request)).isEqualTo(first);

        users.deleteUser(DeleteUserRequest.newBuilder().setId(first.getId()).build());

        assertThat(users.createUser(request)).isEqualTo(first);
        assertThat(count()).isZero();
    }

    @Test
    void createUserRefusesARequestIdWithAnotherUser() {
        String requestId = UUID.randomUUID().toString();
        users.createUser(creation("Ada", "ada@example.org").toBuilder()
                .setRequestId(requestId)
                .build());

        for (String email : List.of("ada@example.org", "grace@example.org")) {
            StatusRuntimeException failure = failure(() -> users.createUser(
                    creation("Grace", email).toBuilder().setRequestId(requestId).build()));

            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(detail(failure, ErrorInfo.class).getReason()).isEqualTo("REQUEST_ID_REUSED");
            assertThat(detail(failure, ErrorInfo.class).getMetadataMap())
                    .containsExactly(entry("requestId", requestId));
        }
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void createUserAnswersTheSameRequestsAtTheSameTimeAlike() throws Exception {
        for (int round = 0; round < 5; round++) {
            CreateUserRequest request = creation("Ada", "ada" + round + "@example.org").toBuilder()
                    .setRequestId(UUID.randomUUID().toString())
                    .build();

            assertThat(new HashSet<>(atOnce(8, () -> users.createUser(request))))
                    .hasSize(1);
        }
        assertThat(count()).isEqualTo(5);
    }

    @Test
    void getUserNamesTheUserThatIsNotThere() {
        String id = UUID.randomUUID().toString();

        StatusRuntimeException failure = failure(() -> users.getUser(get(id)));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(detail(failure, ResourceInfo.class).getResourceType()).isEqualTo("users.v1.User");
        assertThat(detail(failure, ResourceInfo.class).getResourceName()).isEqualTo(id);
        assertThat(detail(failure, ErrorInfo.class).getMetadataMap()).containsExactly(entry("id", id));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1-1-1-1-1",
                "00000000-0000-0000-0000-00000000000g",
                "+1a219cc-1111-7111-8111-111111111111",
                "01a219cc-1111-7111-8111-11111111111١",
                "01a219cc-1111-7111-8111-11111111111１",
                "01a219cc1-111-7111-8111-111111111111",
                "01a219cc-1111-7111-81111-11111111111",
                " 01a219cc-1111-7111-8111-11111111111",
                "{01a219cc-1111-7111-8111-111111111111}",
                "01a219cc111171118111111111111111"
            })
    void getUserRefusesWhatIsNotAnId(String id) {
        assertThat(reasons(failure(() -> users.getUser(get(id))))).containsExactly("ID_INVALID");
    }

    @Test
    void updateUserChangesTheFieldsOfTheMaskAlone() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        User updated = users.updateUser(
                update(created.toBuilder().setName("Grace").setLanguage("de").build(), "language", "create_time"));

        assertThat(updated.getName()).isEqualTo("Ada");
        assertThat(updated.getLanguage()).isEqualTo("de");
        assertThat(updated.getCreateTime()).isEqualTo(created.getCreateTime());
        assertThat(updated.getEtag()).isNotEqualTo(created.getEtag());
        assertThat(users.getUser(get(created.getId()))).isEqualTo(updated);
    }

    @Test
    void updateUserWithoutAMaskChangesWhatIsGiven() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        User updated = users.updateUser(
                update(User.newBuilder().setId(created.getId()).setName("Grace").build()));

        assertThat(updated.getName()).isEqualTo("Grace");
        assertThat(updated.getEmail()).isEqualTo("ada@example.org");
    }

    @Test
    void updateUserNamesThePathsThatDoNotExist() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        StatusRuntimeException failure =
                failure(() -> users.updateUser(update(created, "name", "nickname", "name.first")));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(detail(failure, BadRequest.class).getFieldViolationsList())
                .extracting(FieldViolation::getDescription)
                .hasSize(2)
                .anyMatch(text -> text.contains("\"nickname\""))
                .anyMatch(text -> text.contains("\"name.first\""));
    }

    @Test
    void updateUserQuotesAPathThatIsLongInPart() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        StatusRuntimeException failure = failure(() -> users.updateUser(update(created, "x".repeat(3_000))));

        assertThat(detail(failure, BadRequest.class).getFieldViolations(0).getDescription())
                .hasSizeLessThan(200)
                .endsWith("which User does not have");
    }

    @Test
    void updateUserWithAStaleEtagIsAbortedAndChangesNothing() {
        User created = users.createUser(creation("Ada", "ada@example.org"));
        User updated =
                users.updateUser(update(created.toBuilder().setName("Grace").build(), "name"));

        StatusRuntimeException failure = failure(() ->
                users.updateUser(update(created.toBuilder().setName("Joan").build(), "name")));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(detail(failure, ErrorInfo.class).getReason()).isEqualTo("ETAG_STALE");
        assertThat(detail(failure, ErrorInfo.class).getMetadataMap()).containsExactly(entry("id", created.getId()));
        assertThat(detail(failure, RetryInfo.class)).isNotNull();
        assertThat(users.getUser(get(created.getId()))).isEqualTo(updated);
    }

    @Test
    void updateUserThatChangesNothingKeepsTheEtagAndTheUpdateTime() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        assertThat(users.updateUser(update(created, "*"))).isEqualTo(created);
        assertThat(users.updateUser(update(created.toBuilder().clearEtag().build(), "name", "language")))
                .isEqualTo(created);
        assertThat(users.updateUser(update(created.toBuilder().clearEtag().build(), "etag")))
                .isEqualTo(created);

        User moved = users.updateUser(
                update(created.toBuilder().setEmail("Ada@example.org").build(), "email"));

        assertThat(moved.getEmail()).isEqualTo("Ada@example.org");
        assertThat(moved.getEtag()).isNotEqualTo(created.getEtag());
        assertThat(failure(() -> users.updateUser(update(created, "name")))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.ABORTED);
    }

    @Test
    void updateUserLetsOneOfManyWithTheSameEtagWin() throws Exception {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        AtomicInteger number = new AtomicInteger();

        List<String> outcomes = atOnce(8, () -> {
            try {
                User named = created.toBuilder()
                        .setName("Ada " + number.incrementAndGet())
                        .build();
                return users.updateUser(update(named, "name")).getEtag();
            } catch (StatusRuntimeException e) {
                return e.getStatus().getCode().name();
            }
        });

        assertThat(outcomes).filteredOn("ABORTED"::equals).hasSize(7);
    }

    @Test
    void anAcknowledgedUpdateStaysWhileStaleOnesAreRefused() throws Exception {
        User created = users.createUser(creation("Ada", "ada@example.org"));
        users.createUser(creation("Grace", "grace@example.org"));
        User stale = created.toBuilder().setEtag("\"0\"").build();
        DeleteUserRequest staleDeletion = DeleteUserRequest.newBuilder()
                .setId(stale.getId())
                .setEtag(stale.getEtag())
                .build();
        User taken =
                created.toBuilder().setEmail("grace@example.org").clearEtag().build();

        List<Status.Code> codes = codesWhile(
                () -> {
                    User current = created;
                    for (int i = 0; i < 3_000; i++) {
                        current = users.updateUser(
                                update(current.toBuilder().setName("Ada " + i).build(), "name"));
                    }
                    assertThat(users.getUser(get(created.getId()))).isEqualTo(current);
                },
                () -> users.updateUser(update(stale, "name")),
                () -> users.updateUser(update(stale, "name")),
                () -> users.deleteUser(staleDeletion),
                () -> users.deleteUser(staleDeletion),
                () -> users.updateUser(update(taken, "email")),
                () -> users.updateUser(update(taken, "email")));

        assertThat(codes).containsOnly(Status.Code.ABORTED, Status.Code.ALREADY_EXISTS);
    }

    @Test
    void anEtagIsWonByOneUpdateOrDeletion() throws Exception {
        for (int round = 0; round < 300; round++) {
            User created = users.createUser(creation("Ada", "ada@example.org"));
            DeleteUserRequest deletion = DeleteUserRequest.newBuilder()
                    .setId(created.getId())
                    .setEtag(created.getEtag())
                    .build();
            AtomicInteger caller = new AtomicInteger();

            List<Status.Code> outcomes = atOnce(6, () -> {
                int number = caller.getAndIncrement();
                User named = created.toBuilder().setName("Ada " + number).build();
                return codeOf(() -> {
                    if (number < 2) {
                        users.deleteUser(deletion);
                    } else {
                        users.updateUser(update(named, "name"));
                    }
                });
            });

            assertThat(outcomes).filteredOn(Status.Code.OK::equals).hasSize(1);
            assertThat(outcomes)
                    .filteredOn(code -> code != Status.Code.OK)
                    .containsAnyOf(Status.Code.ABORTED, Status.Code.NOT_FOUND)
                    .doesNotContain(Status.Code.INTERNAL);
            jdbc.sql("delete from users").update();
        }
    }

    @Test
    void everyUpdateWithoutAnEtagIsMade() throws Exception {
        User created = users.createUser(creation("Ada", "ada@example.org"));
        AtomicInteger number = new AtomicInteger();

        List<String> etags = atOnce(200, () -> {
            User named = created.toBuilder()
                    .setName("Ada " + number.incrementAndGet())
                    .clearEtag()
                    .build();
            return users.updateUser(update(named, "name")).getEtag();
        });

        assertThat(etags).doesNotHaveDuplicates();
    }

    @Test
    void updateUserRefusesTheEmailAddressOfAnother() {
        User ada = users.createUser(creation("Ada", "ada@example.org"));
        users.createUser(creation("Grace", "grace@example.org"));

        StatusRuntimeException failure = failure(() -> users.updateUser(
                update(ada.toBuilder().setEmail("GRACE@example.org").build(), "email")));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(users.getUser(get(ada.getId()))).isEqualTo(ada);
    }

    @Test
    void deleteUserDeletesOnceAndOnlyWithACurrentEtag() {
        User created = users.createUser(creation("Ada", "ada@example.org"));

        assertThat(failure(() -> users.deleteUser(DeleteUserRequest.newBuilder()
                                .setId(created.getId())
                                .setEtag("\"9\"")
                                .build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.ABORTED);

        DeleteUserRequest deletion = DeleteUserRequest.newBuilder()
                .setId(created.getId())
                .setEtag(created.getEtag())
                .build();
        users.deleteUser(deletion);

        assertThat(failure(() -> users.deleteUser(deletion)).getStatus().getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void listUsersReturnsEveryUserOnceWhileOthersComeAndGo() {
        List<User> created = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            created.add(users.createUser(creation("User", "user" + i + "@example.org")));
        }
        List<String> listed = new ArrayList<>();
        String token = "";
        int page = 0;
        do {
            ListUsersResponse response = users.listUsers(ListUsersRequest.newBuilder()
                    .setPageSize(4)
                    .setPageToken(token)
                    .build());
            response.getUsersList().forEach(user -> listed.add(user.getId()));
            token = response.getNextPageToken();
            // A listed user is deleted, and another is created.
            users.deleteUser(DeleteUserRequest.newBuilder()
                    .setId(response.getUsers(0).getId())
                    .build());
            if (page < 3) {
                users.createUser(creation("Late", "late" + page + "@example.org"));
            }
            page++;
        } while (!token.isEmpty());

        assertThat(listed).doesNotHaveDuplicates().isSorted().hasSize(28);
        assertThat(listed).containsAll(created.stream().map(User::getId).toList());
    }

    @Test
    void aUserWhoseCreationBeganBeforeThePageComesOnALaterOne() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        List<User> listed = new ArrayList<>();
        try (Connection other = dataSource.getConnection()) {
            other.setAutoCommit(false);
            JdbcClient.create(new SingleConnectionDataSource(other, true))
                    .sql("insert into users (id, name, email, email_key, language, create_time, update_time, version)"
                            + " values (?, 'Ada', ?, ?, 'en', now(), now(), 1)")
                    .params(UUID.randomUUID(), "ada@example.org", "ada@example.org")
                    .update();
            Future<User> late = threads.submit(() -> users.createUser(creation("Ada", "ada@example.org")));
            Awaitility.await().until(() -> waitingInserts() == 1);
            List<User> early = Stream.of("a", "b", "c")
                    .map(name -> users.createUser(creation(name, name + "@example.org")))
                    .toList();
            // Later than a page that does not wait for the creation.
            CompletableFuture<Void> release = CompletableFuture.runAsync(
                    () -> rollBack(other), CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));

            ListUsersResponse page =
                    users.listUsers(ListUsersRequest.newBuilder().setPageSize(2).build());
            release.get();
            listed.addAll(page.getUsersList());
            while (!page.getNextPageToken().isEmpty()) {
                page = users.listUsers(ListUsersRequest.newBuilder()
                        .setPageSize(2)
                        .setPageToken(page.getNextPageToken())
                        .build());
                listed.addAll(page.getUsersList());
            }
            assertThat(listed).hasSize(4).containsAll(early).contains(late.get());
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void listUsersHasABoundedPageSize() {
        assertThat(failure(() -> users.listUsers(
                        ListUsersRequest.newBuilder().setPageSize(-1).build())))
                .satisfies(failure -> assertThat(reasons(failure)).containsExactly("PAGE_SIZE_NEGATIVE"));
        importUsers(IntStream.range(0, 1_001)
                .mapToObj(i -> user("User", "user" + i + "@example.org").build())
                .toList());

        assertThat(users.listUsers(ListUsersRequest.getDefaultInstance()).getUsersCount())
                .isEqualTo(50);
        assertThat(users.listUsers(
                                ListUsersRequest.newBuilder().setPageSize(5_000).build())
                        .getUsersCount())
                .isEqualTo(1_000);
    }

    @ParameterizedTest
    @CsvSource({"x", "AAAA", "'not base64!'", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void listUsersRefusesAForgedToken(String token) {
        assertThat(reasons(failure(() -> users.listUsers(
                        ListUsersRequest.newBuilder().setPageToken(token).build()))))
                .containsExactly("PAGE_TOKEN_INVALID");
    }

    @Test
    void listUsersRefusesTheTokensOfADatabaseThatWasReplaced() {
        users.createUser(creation("Ada", "ada@example.org"));
        users.createUser(creation("Grace", "grace@example.org"));
        ListUsersRequest page = ListUsersRequest.newBuilder().setPageSize(1).build();
        String token = users.listUsers(page).getNextPageToken();

        jdbc.sql("delete from page_token_key").update();
        events.publishEvent(new ServiceAvailability(UserServiceGrpc.SERVICE_NAME, true));

        assertThat(reasons(failure(() ->
                        users.listUsers(page.toBuilder().setPageToken(token).build()))))
                .containsExactly("PAGE_TOKEN_INVALID");
        String next = users.listUsers(page).getNextPageToken();
        assertThat(users.listUsers(page.toBuilder().setPageToken(next).build()).getUsersCount())
                .isEqualTo(1);
    }

    @Test
    void listUsersRefusesAChangedToken() {
        users.createUser(creation("Ada", "ada@example.org"));
        users.createUser(creation("Grace", "grace@example.org"));
        String token = users.listUsers(
                        ListUsersRequest.newBuilder().setPageSize(1).build())
                .getNextPageToken();

        for (int i = 0; i < token.length() - 1; i++) {
            String changed = token.substring(0, i) + (token.charAt(i) == 'A' ? 'B' : 'A') + token.substring(i + 1);

            assertThat(reasons(failure(() -> users.listUsers(
                            ListUsersRequest.newBuilder().setPageToken(changed).build()))))
                    .containsExactly("PAGE_TOKEN_INVALID");
        }
    }

    @Test
    void importUsersCountsWhatItCreatesAndNamesWhatItDoesNot() {
        users.createUser(creation("Ada", "ada@example.org"));

        ImportUsersResponse response = importUsers(List.of(
                user("Grace", "grace@example.org").build(),
                user("Other", "ADA@example.org").build(),
                user(" ", "joan").build(),
                user("Twin", "grace@example.org").build(),
                user("Joan", "joan@example.org").build()));

        assertThat(response.getCreatedCount()).isEqualTo(2);
        assertThat(response.getFailedCount()).isEqualTo(3);
        assertThat(response.getErrorsList())
                .extracting(ImportError::getIndex, ImportError::getReason)
                .containsExactly(
                        tuple(1L, "EMAIL_TAKEN"),
                        tuple(2L, "NAME_BLANK"),
                        tuple(2L, "EMAIL_INVALID"),
                        tuple(3L, "EMAIL_TAKEN"));
        assertThat(count()).isEqualTo(3);
    }

    @Test
    void importUsersListsABoundedNumberOfErrors() {
        ImportUsersResponse response = importUsers(IntStream.range(0, 1_200)
                .mapToObj(i -> user("User", "nobody").build())
                .toList());

        assertThat(response.getFailedCount()).isEqualTo(1_200);
        assertThat(response.getErrorsCount()).isEqualTo(1_000);
    }

    @Test
    void importUsersListsTheFirstErrorsInTheOrderOfTheStream() {
        users.createUser(creation("Ada", "ada@example.org"));
        List<User> imported = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            imported.add(user("Twin", "ada@example.org").build());
            imported.add(user("Nobody", "nobody").build());
        }

        assertThat(importUsers(imported).getErrorsList())
                .extracting(ImportError::getIndex)
                .containsExactlyElementsOf(LongStream.range(0, 1_000).boxed().toList());
    }

    @Test
    void importsOfTheSameUsersInOpposedOrdersCountEachOnce() throws Exception {
        for (int round = 0; round < 2; round++) {
            String domain = "@round" + round + ".example.org";
            List<User> ascending = IntStream.range(0, 1_500)
                    .mapToObj(i -> user("User", i + domain).build())
                    .toList();
            List<User> descending = new ArrayList<>(ascending);
            Collections.reverse(descending);
            AtomicInteger caller = new AtomicInteger();

            List<ImportUsersResponse> responses =
                    atOnce(4, () -> importUsers(caller.getAndIncrement() % 2 == 0 ? ascending : descending));

            assertThat(responses)
                    .extracting(ImportUsersResponse::getCreatedCount)
                    .satisfies(counts -> assertThat(
                                    counts.stream().mapToLong(Long::longValue).sum())
                            .isEqualTo(1_500));
            assertThat(responses)
                    .allSatisfy(response -> assertThat(response.getCreatedCount() + response.getFailedCount())
                            .isEqualTo(1_500));
        }
    }

    @Test
    void importsAndUpdatesOfTheSameEmailAddressesDoNotFailEachOther() throws Exception {
        User ada = users.createUser(creation("Ada", "500@example.org"));
        User grace = users.createUser(creation("Grace", "b@example.org"));
        List<User> imported = IntStream.range(0, 1_000)
                .mapToObj(i -> user("User", i + "@example.org").build())
                .toList();
        AtomicInteger number = new AtomicInteger();

        List<Status.Code> codes = codesWhile(
                () -> {
                    for (int i = 0; i < 5; i++) {
                        ImportUsersResponse response = importUsers(imported);
                        assertThat(response.getCreatedCount() + response.getFailedCount())
                                .isEqualTo(1_000);
                        jdbc.sql("delete from users where name = 'User'").update();
                    }
                },
                () -> move(ada, number.getAndIncrement() % 1_000 + "@example.org"),
                () -> move(grace, 999 - number.getAndIncrement() % 1_000 + "@example.org"));

        assertThat(codes).isSubsetOf(Status.Code.ALREADY_EXISTS, Status.Code.OK);
    }

    @Test
    void exportUsersSendsEveryUserInTheOrderOfCreation() {
        importUsers(IntStream.range(0, 1_600)
                .mapToObj(i -> user("User", "user" + i + "@example.org").build())
                .toList());

        List<User> exported = export("");

        assertThat(exported)
                .extracting(User::getId)
                .hasSize(1_600)
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(exported).isSortedAccordingTo(Comparator.comparing(User::getCreateTime, Timestamps.comparator()));
    }

    @Test
    void exportUsersGoesOnAfterAnId() {
        importUsers(IntStream.range(0, 30)
                .mapToObj(i -> user("User", "user" + i + "@example.org").build())
                .toList());
        List<User> all = export("");

        assertThat(export(all.get(9).getId())).isEqualTo(all.subList(10, 30));
        assertThat(export(all.get(29).getId())).isEmpty();
        assertThat(reasons(failure(() -> export("7")))).containsExactly("ID_INVALID");
    }

    private List<User> export(String afterId) {
        List<User> exported = new ArrayList<>();
        users.exportUsers(ExportUsersRequest.newBuilder().setAfterId(afterId).build())
                .forEachRemaining(response -> exported.add(response.getUser()));
        return exported;
    }

    private static void rollBack(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void move(User user, String email) {
        users.updateUser(update(user.toBuilder().setEmail(email).clearEtag().build(), "email"));
    }

    ImportUsersResponse importUsers(List<User> imported) {
        ReplyRecorder<ImportUsersResponse> responses = new ReplyRecorder<>();
        StreamObserver<ImportUsersRequest> requests = asyncUsers.importUsers(responses);
        imported.forEach(user ->
                requests.onNext(ImportUsersRequest.newBuilder().setUser(user).build()));
        requests.onCompleted();
        return responses.all().get(0);
    }

    int count() {
        return jdbc.sql("select count(*) from users").query(Integer.class).single();
    }

    static User.Builder user(String name, String email) {
        return User.newBuilder().setName(name).setEmail(email);
    }

    static CreateUserRequest creation(String name, String email) {
        return CreateUserRequest.newBuilder().setUser(user(name, email)).build();
    }

    static GetUserRequest get(String id) {
        return GetUserRequest.newBuilder().setId(id).build();
    }

    static UpdateUserRequest update(User user, String... paths) {
        return UpdateUserRequest.newBuilder()
                .setUser(user)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build();
    }

    static StatusRuntimeException failure(Runnable call) {
        return Objects.requireNonNull(catchThrowableOfType(StatusRuntimeException.class, call::run));
    }

    static List<String> reasons(StatusRuntimeException failure) {
        return detail(failure, BadRequest.class).getFieldViolationsList().stream()
                .map(FieldViolation::getReason)
                .toList();
    }

    static <T extends Message> T detail(StatusRuntimeException failure, Class<T> type) {
        for (Any detail :
                Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList()) {
            if (detail.is(type)) {
                try {
                    return detail.unpack(type);
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }
        }
        throw new AssertionError("No " + type.getSimpleName() + " in " + failure);
    }

    private static Status.Code codeOf(Runnable call) {
        try {
            call.run();
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    /** Repeats the calls of others while one works, and returns the codes of their ends. */
    private static List<Status.Code> codesWhile(Runnable work, Runnable... others) throws Exception {
        Set<Status.Code> codes = ConcurrentHashMap.newKeySet();
        AtomicBoolean working = new AtomicBoolean(true);
        ExecutorService threads = Executors.newFixedThreadPool(others.length);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (Runnable other : others) {
                ends.add(threads.submit(() -> {
                    while (working.get()) {
                        codes.add(codeOf(other));
                    }
                }));
            }
            try {
                work.run();
            } finally {
                working.set(false);
            }
            for (Future<?> end : ends) {
                end.get();
            }
            return List.copyOf(codes);
        } finally {
            threads.shutdown();
        }
    }

    private static <T> List<T> atOnce(int callers, Callable<T> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(Collections.nCopies(callers, call))) {
                results.add(result.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }
}
