package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.start.SettingException;
import dev.greeter.test.WholeApplication;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** A server on a Unix domain socket keeps its path, as a port is kept. */
@EnabledOnOs(OS.LINUX)
class SocketFileTest {

    @TempDir
    private Path directory;

    private Path path = Path.of("");
    private String address = "";

    @BeforeEach
    void choosePath() {
        path = directory.resolve("greeter.sock");
        address = "unix:" + path;
    }

    @Test
    void aSecondServerIsRefusedAndTheFirstServesOn() {
        try (ConfigurableApplicationContext first = WholeApplication.start("--grpc.server.address=" + address)) {
            assertThatThrownBy(() -> WholeApplication.start("--grpc.server.address=" + address))
                    .hasRootCauseInstanceOf(OverlappingFileLockException.class)
                    .hasStackTraceContaining("grpc.server.address is " + address + ", where another server listens.");

            assertThat(GreeterGrpc.newBlockingStub(
                                    first.getBean(GrpcChannelFactory.class).createChannel("greeter"))
                            .sayHello(HelloRequest.newBuilder().setName("Ada").build())
                            .getMessage())
                    .contains("Ada");
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFailedStartLeavesNoThreadThatKeepsTheProcessAlive() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();

        assertThatThrownBy(() -> WholeApplication.start("--grpc.server.address=" + address + "x".repeat(150)))
                .hasStackTraceContaining("File name too long");

        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> !thread.isDaemon() && !before.contains(thread))
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("epoll"));
    }

    @Test
    void theSocketOfAnotherProgramIsInUse() throws IOException {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(path));
            assertThatExceptionOfType(SettingException.class)
                    .isThrownBy(() -> SocketFile.reserve(address))
                    .withMessageContaining("where another server listens");
        }
    }

    @Test
    void theSocketOfAServerThatWasKilledIsNoObstacle() throws IOException {
        ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        killed.bind(UnixDomainSocketAddress.of(path));
        killed.close();
        assertThat(path).exists();

        SocketFile.reserve(address).close();
        SocketFile.reserve(address).close();
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Files.writeString(path, "precious");
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(() -> SocketFile.reserve(address))
                .withMessage("grpc.server.address is " + address + ", where a file is that is not a socket.");
        assertThat(path).hasContent("precious");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamed() {
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(() -> SocketFile.reserve("unix:" + directory.resolve("missing/greeter.sock")))
                .withMessageContaining("which cannot be used: no such file or folder: ");
    }
}
