package dev.greeter.users;

import static dev.greeter.users.UserServiceContract.creation;
import static dev.greeter.users.UserServiceContract.failure;
import static dev.greeter.users.UserServiceContract.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.Command;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged application with its embedded database on a small file system, which only root can mount. */
class EmbeddedDatabaseIT {

    private static final Pattern TOKEN = Pattern.compile("development token.*: (\\S+)$");

    @TempDir
    private Path folder;

    private JarProcess server;
    private ManagedChannel channel;

    @BeforeEach
    void startServer() throws Exception {
        assumeTrue(
                Command.run(List.of("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder.toString())) == 0,
                "cannot mount");
        server = JarProcess.start(
                "--grpc.server.port=0",
                "--greeter.client.enabled=false",
                "--spring.datasource.url=jdbc:h2:file:" + folder.resolve("users") + ";USER=greeter");
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + server.awaitLine(TOKEN).group(1));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .build();
    }

    @AfterEach
    void stopAll() throws Exception {
        if (channel != null) {
            channel.shutdownNow();
            server.close();
            Command.run(List.of("umount", folder.toString()));
        }
    }

    @Test
    void aFullDiskStopsChangesOnlyWhileItIsFull() throws Exception {
        User created = users().createUser(creation("Ada", "ada@example.org"));
        Path filler = folder.resolve("filler");
        fill(filler);

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                users().createUser(creation("x".repeat(250), UUID.randomUUID() + "@example.org"));
                return false;
            } catch (StatusRuntimeException e) {
                return e.getStatus().getCode() == Status.Code.UNAVAILABLE;
            }
        });
        awaitHealth(ServingStatus.NOT_SERVING);
        Awaitility.await()
                .ignoreExceptions()
                .until(() -> users().getUser(get(created.getId())).equals(created));
        assertThat(failure(() -> users().createUser(creation("Joan", "joan@example.org")))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);

        Files.delete(filler);

        awaitHealth(ServingStatus.SERVING);
        assertThat(users().createUser(creation("Joan", "joan@example.org")).getName())
                .isEqualTo("Joan");
        assertThat(users().getUser(get(created.getId()))).isEqualTo(created);
        assertThat(server.err()).isEmpty();
        assertThat(server.out())
                .filteredOn(line -> line.contains("OutageLog") && line.contains("No space left"))
                .hasSize(1);
    }

    private UserServiceBlockingStub users() {
        return UserServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(20));
    }

    private void awaitHealth(ServingStatus status) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> HealthGrpc.newBlockingStub(channel)
                                .check(HealthCheckRequest.newBuilder()
                                        .setService(UserServiceGrpc.SERVICE_NAME)
                                        .build())
                                .getStatus()
                        == status);
    }

    /** Writes until the file system is full. */
    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4_096];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
