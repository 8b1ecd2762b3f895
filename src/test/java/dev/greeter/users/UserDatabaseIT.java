package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static dev.greeter.users.UserServiceContract.detail;
import static dev.greeter.users.UserServiceContract.failure;
import static dev.greeter.users.UserServiceContract.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.RetryInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.JarProcess;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The packaged application and a PostgreSQL that is slow, killed or not started yet. */
class UserDatabaseIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern TOKEN = Pattern.compile("development token.*: (\\S+)$");

    @TempDir
    private Path directory;

    private final int postgresPort = unusedPort();
    private final List<AutoCloseable> started = new ArrayList<>();
    private JarProcess server;
    private ManagedChannel channel;

    @BeforeEach
    void startServer() {
        server = JarProcess.start(
                "--grpc.server.port=0", "--greeter.client.enabled=false", "--spring.datasource.url=" + url());
        started.add(server);
        int port = server.port();
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + server.awaitLine(TOKEN).group(1));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
        started.add(channel::shutdownNow);
    }

    @AfterEach
    void stopAll() throws Exception {
        for (AutoCloseable process : started) {
            process.close();
        }
    }

    @Test
    void greetingsStayFastWhileEveryQueryWaits() throws Exception {
        startPostgres();
        awaitHealth(ServingStatus.SERVING);
        try (Connection other = DriverManager.getConnection(url())) {
            other.setAutoCommit(false);
            execute(other, "lock table users in access exclusive mode");
            var calls = IntStream.range(0, 50)
                    .mapToObj(i -> UserServiceGrpc.newFutureStub(channel)
                            .getUser(get(UUID.randomUUID().toString())))
                    .toList();
            Awaitility.await().atMost(PATIENCE).until(() -> waitingQueries() == 10);

            for (int i = 0; i < 200; i++) {
                greet();
            }

            assertThat(waitingQueries()).isEqualTo(10);
            calls.forEach(call -> call.cancel(true));
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenTheDatabaseIsKilled() throws Exception {
        EmbeddedPostgres postgres = startPostgres();
        awaitHealth(ServingStatus.SERVING);
        Map<String, CreateUserRequest> acknowledged = new ConcurrentHashMap<>();
        Map<String, CreateUserRequest> unanswered = new ConcurrentHashMap<>();
        AtomicBoolean writing = new AtomicBoolean(true);
        ExecutorService writers = Executors.newFixedThreadPool(4);
        List<Future<?>> ends = IntStream.range(0, 4)
                .<Future<?>>mapToObj(i -> writers.submit(() -> write(writing, acknowledged, unanswered)))
                .toList();
        Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() > 200);

        kill(postgres);

        awaitHealth(ServingStatus.NOT_SERVING);
        StatusRuntimeException failure =
                failure(() -> users(2).getUser(get(UUID.randomUUID().toString())));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(detail(failure, RetryInfo.class)).isNotNull();
        greet();

        int before = acknowledged.size();
        startPostgres();
        awaitHealth(ServingStatus.SERVING);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> acknowledged.size() > before + 50 || ends.stream().anyMatch(Future::isDone));
        writing.set(false);
        for (Future<?> end : ends) {
            end.get();
        }
        writers.shutdown();

        // A creation without an answer is stored once or not at all, and can be repeated.
        for (CreateUserRequest request : unanswered.values()) {
            acknowledged.put(users(20).createUser(request).getId(), request);
        }
        Set<String> stored = new HashSet<>();
        stored.addAll(JdbcClient.create(new DriverManagerDataSource(url()))
                .sql("select id from users")
                .query(String.class)
                .list());
        assertThat(unanswered).isNotEmpty();
        assertThat(stored).containsExactlyInAnyOrderElementsOf(acknowledged.keySet());
    }

    @Test
    void theServerStartsWithoutItsDatabase() throws Exception {
        greet();
        assertThat(health()).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(httpStatus("/actuator/health/services/users.v1.UserService")).isEqualTo(503);
        assertThat(httpStatus("/actuator/health")).isEqualTo(200);

        startPostgres();

        awaitHealth(ServingStatus.SERVING);
        assertThat(httpStatus("/actuator/health/services/users.v1.UserService")).isEqualTo(200);
        User created = users(20).createUser(creation("Ada", "ada@example.org"));
        assertThat(users(20).getUser(get(created.getId()))).isEqualTo(created);
    }

    @Test
    void aFrozenDatabaseIsNoticedAndUsedAgain() throws Exception {
        EmbeddedPostgres postgres = startPostgres();
        awaitHealth(ServingStatus.SERVING);
        User created = users(20).createUser(creation("Ada", "ada@example.org"));

        signal("-STOP", processes(postgres));
        awaitHealthSoon(ServingStatus.NOT_SERVING);
        StatusRuntimeException failure = failure(() -> users(5).getUser(get(created.getId())));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        greet();

        signal("-CONT", processes(postgres));
        awaitHealthSoon(ServingStatus.SERVING);
        assertThat(users(5).getUser(get(created.getId()))).isEqualTo(created);
    }

    @Test
    void aServerStopsThoughItsDatabaseIsFrozen() throws Exception {
        EmbeddedPostgres postgres = startPostgres();
        awaitHealth(ServingStatus.SERVING);
        List<ProcessHandle> frozen = processes(postgres);
        signal("-STOP", frozen);
        try {
            awaitHealthSoon(ServingStatus.NOT_SERVING);

            server.terminate();

            assertThat(server.awaitExit()).isZero();
        } finally {
            signal("-CONT", frozen);
        }
    }

    @Test
    void aDatabaseThatIsSilentAtFirstIsUsedOnceItAnswers() throws Exception {
        JarProcess late;
        try (ServerSocket silent = new ServerSocket(postgresPort, 50, InetAddress.getLoopbackAddress())) {
            assertThat(silent.isBound()).isTrue();
            late = JarProcess.start(
                    "--grpc.server.port=0", "--greeter.client.enabled=false", "--spring.datasource.url=" + url());
            started.add(late);
            late.awaitLine(Pattern.compile("database.*UNAVAILABLE until"));
        }
        startPostgres();

        late.awaitLine(Pattern.compile("Connected to the database"));
    }

    @Test
    void aReadOnlyDatabaseStillAnswersReads() throws Exception {
        startPostgres();
        awaitHealth(ServingStatus.SERVING);
        User created = users(20).createUser(creation("Ada", "ada@example.org"));
        users(5).createUser(creation("Grace", "grace@example.org"));

        configure("alter system set default_transaction_read_only = on");
        awaitHealthSoon(ServingStatus.NOT_SERVING);
        assertThat(users(5).getUser(get(created.getId()))).isEqualTo(created);
        assertThat(users(5).listUsers(
                                ListUsersRequest.newBuilder().setPageSize(1).build())
                        .getNextPageToken())
                .isNotEmpty();
        StatusRuntimeException failure = failure(() -> users(5).createUser(creation("Joan", "joan@example.org")));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(detail(failure, RetryInfo.class).getRetryDelay().getSeconds())
                .isPositive();

        configure("alter system reset default_transaction_read_only");
        awaitHealthSoon(ServingStatus.SERVING);
        assertThat(users(5).createUser(creation("Joan", "joan@example.org")).getName())
                .isEqualTo("Joan");
    }

    @Test
    void aTableThatAnotherSessionLocksIsNoticed() throws Exception {
        startPostgres();
        awaitHealth(ServingStatus.SERVING);
        User created = users(20).createUser(creation("Ada", "ada@example.org"));
        try (Connection other = DriverManager.getConnection(url())) {
            other.setAutoCommit(false);
            execute(other, "lock table users in share mode");

            awaitHealthSoon(ServingStatus.NOT_SERVING);
            assertThat(users(5).getUser(get(created.getId()))).isEqualTo(created);
            StatusRuntimeException failure = failure(() -> users(5).createUser(creation("Joan", "joan@example.org")));
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(detail(failure, RetryInfo.class)).isNotNull();
        }
        awaitHealthSoon(ServingStatus.SERVING);
        assertThat(users(5).createUser(creation("Joan", "joan@example.org")).getName())
                .isEqualTo("Joan");
    }

    @Test
    void aDatabaseThatIsMadeAnewIsMigratedAgain() throws Exception {
        startPostgres();
        awaitHealth(ServingStatus.SERVING);

        configure("drop schema public cascade");
        configure("create schema public");
        assertThat(failure(() -> users(5).createUser(creation("Ada", "ada@example.org")))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);

        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreException(StatusRuntimeException.class)
                .until(() -> users(5).createUser(creation("Ada", "ada@example.org"))
                        .getName()
                        .equals("Ada"));
    }

    @Test
    void whatTheDatabaseEndsIsNoFaultOfTheService() throws Exception {
        startPostgres();
        awaitHealth(ServingStatus.SERVING);
        try (Connection other = DriverManager.getConnection(url())) {
            other.setAutoCommit(false);
            execute(other, "lock table users in access exclusive mode");
            var call = UserServiceGrpc.newFutureStub(channel)
                    .getUser(get(UUID.randomUUID().toString()));
            Awaitility.await().atMost(PATIENCE).until(() -> waitingQueries() == 1);
            execute(other, "select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'");

            assertThat(call).failsWithin(PATIENCE).withThrowableThat().withMessageContaining("UNAVAILABLE");
        }
    }

    private void write(
            AtomicBoolean writing,
            Map<String, CreateUserRequest> acknowledged,
            Map<String, CreateUserRequest> unanswered) {
        while (writing.get()) {
            UUID requestId = UUID.randomUUID();
            CreateUserRequest request = creation("User", requestId + "@example.org").toBuilder()
                    .setRequestId(requestId.toString())
                    .build();
            try {
                acknowledged.put(users(20).createUser(request).getId(), request);
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                unanswered.put(request.getRequestId(), request);
            }
        }
    }

    private int httpStatus(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.managementPort() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private void greet() {
        GreeterBlockingStub greeter = GreeterGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(2));
        assertThat(greeter.sayHello(HelloRequest.newBuilder().setName("you").build())
                        .getMessage())
                .isEqualTo("Hello, you!");
    }

    private UserServiceBlockingStub users(int seconds) {
        return UserServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(seconds));
    }

    /** Within twice what is promised, as the machine may be busy; the resilience tests measure it. */
    private void awaitHealthSoon(ServingStatus status) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> health() == status);
    }

    private void awaitHealth(ServingStatus status) {
        Awaitility.await().atMost(PATIENCE).until(() -> health() == status);
    }

    private ServingStatus health() {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder()
                        .setService("users.v1.UserService")
                        .build())
                .getStatus();
    }

    /** Starts it with its defaults; for tests it would acknowledge commits before writing them. */
    private EmbeddedPostgres startPostgres() throws IOException {
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setPort(postgresPort)
                .setDataDirectory(directory)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        started.add(postgres);
        return postgres;
    }

    /** Sends SIGKILL to PostgreSQL and all of its processes. */
    private void kill(EmbeddedPostgres postgres) throws IOException {
        List<ProcessHandle> processes = processes(postgres);
        processes.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await().atMost(PATIENCE).until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        // Releases its lock on the directory; nothing is left to stop.
        postgres.close();
    }

    /** Returns the postmaster and its children. */
    private List<ProcessHandle> processes(EmbeddedPostgres postgres) throws IOException {
        assertThat(postgres.getPort()).isEqualTo(postgresPort);
        long pid = Long.parseLong(
                Files.readAllLines(directory.resolve("postmaster.pid")).get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.forEach(process -> command.add(String.valueOf(process.pid())));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private void configure(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url())) {
            execute(connection, sql);
            execute(connection, "select pg_reload_conf()");
        }
    }

    private String url() {
        return "jdbc:postgresql://localhost:" + postgresPort + "/postgres?user=postgres";
    }

    /** Queries in a new transaction: within one, PostgreSQL repeats its first answer. */
    private int waitingQueries() {
        return JdbcClient.create(new DriverManagerDataSource(url()))
                .sql("select count(*) from pg_stat_activity where datname = current_database()"
                        // without the probes of the watch, which change nothing
                        + " and wait_event_type = 'Lock' and query not like '%where false'")
                .query(Integer.class)
                .single();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int unusedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
