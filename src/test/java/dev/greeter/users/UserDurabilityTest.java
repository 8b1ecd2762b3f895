package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.zaxxer.hikari.HikariDataSource;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceFutureStub;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.TestDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.awaitility.Awaitility;
import org.h2.store.fs.Recorder;
import org.h2.store.fs.rec.FilePathRec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** What H2 shows before it has written it is not answered. */
@GrpcTest(UserService.class)
@ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    DataSourceTransactionManagerAutoConfiguration.class,
    FlywayAutoConfiguration.class
})
class UserDurabilityTest {

    /** For two calls and the task that syncs the file. */
    private static final int CONNECTIONS = 3;

    private static final Semaphore DISK = new Semaphore(1);

    @GrpcClient("greeter")
    private UserServiceFutureStub users;

    private HikariDataSource pool;
    private SingleConnectionDataSource observer;
    private JdbcClient jdbc;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry settings) {
        FilePathRec.register();
        settings.add("service.database.start-timeout", () -> "60s");
        settings.add(
                "spring.datasource.url",
                () -> String.valueOf(TestDatabases.h2().get()).replace("jdbc:h2:file:", "jdbc:h2:file:rec:"));
    }

    @Autowired
    void database(HikariDataSource source) {
        pool = source;
        observer = new SingleConnectionDataSource(source.getJdbcUrl(), source.getUsername(), "", true);
        jdbc = JdbcClient.create(observer);
    }

    @BeforeEach
    void holdWrites() throws SQLException {
        observer.getConnection();
        // H2 opens no more of them while it cannot write.
        List<Connection> opened = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            opened.add(pool.getConnection());
        }
        for (Connection connection : opened) {
            connection.close();
        }
        FilePathRec.setRecorder((operation, file, bytes, position) -> {
            if (operation == Recorder.WRITE) {
                DISK.acquireUninterruptibly();
                DISK.release();
            }
        });
    }

    @AfterEach
    void release() {
        FilePathRec.setRecorder(null);
        observer.destroy();
    }

    @Test
    void aRepeatedCreationWaitsForTheFirst() throws Exception {
        CreateUserRequest request = creation("Ada", "ada@example.org").toBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .build();
        ListenableFuture<User> first;
        ListenableFuture<User> second;
        DISK.acquireUninterruptibly();
        try {
            first = users.createUser(request);
            Awaitility.await().until(() -> count("users") == 1);

            second = users.createUser(request);

            Awaitility.await().until(() -> second.isDone() || checkpoints() > 0);
            assertThat(second.isDone()).isFalse();
        } finally {
            DISK.release();
        }
        assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(first.get(20, TimeUnit.SECONDS));
    }

    private int checkpoints() {
        return count("information_schema.sessions where executing_statement = 'checkpoint'");
    }

    private int count(String rows) {
        return jdbc.sql("select count(*) from " + rows).query(Integer.class).single();
    }
}
