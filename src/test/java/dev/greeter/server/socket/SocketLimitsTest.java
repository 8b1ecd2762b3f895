package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.RawConnection;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.devh.boot.grpc.server.config.GrpcServerProperties;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits of a server with sockets for one peer. */
class SocketLimitsTest {

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final GrpcServerProperties properties = LimitedServer.properties();

    @AfterEach
    void close() throws Exception {
        for (int i = resources.size() - 1; i >= 0; i--) {
            resources.get(i).close();
        }
    }

    @Test
    void aConnectionBeyondTheLimitPerPeerIsClosed() throws IOException {
        LimitedServer server = start("connections-per-peer=2");
        Socket first = connect(server);
        connect(server);

        assertThat(isClosed(connect(server))).isTrue();

        first.close();
        Awaitility.await().until(() -> !isClosed(connect(server)));
    }

    @Test
    void aConnectionBeyondTheLimitInAllIsClosed() throws IOException {
        LimitedServer server = start("connections=1");
        connect(server);

        assertThat(isClosed(connect(server))).isTrue();
    }

    @Test
    void connectionsAreCountedWhileTheyAreOpen() throws IOException {
        LimitedServer server = start("connections=2");
        Socket first = connect(server);
        connect(server);
        Awaitility.await().until(() -> server.connections() == 2);

        assertThat(isClosed(connect(server))).isTrue();

        assertThat(server.refusals("CONNECTION_LIMIT")).isOne();
        first.close();
        Awaitility.await().until(() -> server.connections() == 1);
    }

    @Test
    void aConnectionWithoutHandshakeIsClosed() throws IOException {
        LimitedServer server = start("handshake-timeout=50ms");
        Socket silent = connect(server);

        silent.setSoTimeout(5_000);
        readUntilClosed(silent);
    }

    @Test
    void aCallWhoseRequestDoesNotEndAfterItsAnswerIsReset() throws Exception {
        RawConnection client = open(start("handshake-timeout=1s"));
        int answered = client.start(RawConnection.call("/unknown"));
        int open = client.start(RawConnection.call(RawConnection.BIDI));
        client.flush();

        assertThat(client.answer(answered)).isEqualTo("UNIMPLEMENTED");
        assertThat(client.reset(answered)).isEqualTo("NO_ERROR");
        assertThat(client.waiting(open)).isTrue();
    }

    @Test
    void aCallBeyondTheLimitOfAConnectionWaitsAtTheClient() throws IOException {
        ManagedChannel channel = channel(start("concurrent-calls-per-connection=1"));
        GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance());
        openCall(channel);

        assertThatThrownBy(() -> GreeterGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(Duration.ofMillis(100))
                        .sayHello(HelloRequest.getDefaultInstance()))
                .hasMessageStartingWith("DEADLINE_EXCEEDED");
    }

    @Test
    void aConnectionThatResetsTooManyCallsIsClosed() throws Exception {
        RawConnection client = open(start("resets-per-second=5"));

        for (int i = 0; i < 100; i++) {
            int call = client.start(RawConnection.call(RawConnection.BIDI));
            client.frame(RawConnection.RST_STREAM, 0, call, RawConnection.number(8));
        }
        client.flush();

        assertThat(client.end(5_000)).isEqualTo("GOAWAY ENHANCE_YOUR_CALM");
    }

    @Test
    void aConnectionOnWhichManyDeadlinesPassIsKept() throws IOException {
        ManagedChannel channel = channel(start());
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        StreamObserver<HelloRequest> witness = GreeterGrpc.newStub(channel).sayHelloBidiStream(replies);

        resetCalls(channel, 400);

        witness.onNext(HelloRequest.getDefaultInstance());
        witness.onCompleted();
        assertThat(replies.all()).hasSize(1);
    }

    @Test
    void aClientMayPingAsOftenAsIsPermittedAlbeitUnevenly() throws Exception {
        properties.setPermitKeepAliveTime(Duration.ofSeconds(1));
        RawConnection client = open(start());

        for (int i = 0; i < 6; i++) {
            ping(client);
            assertThat(client.end(i % 2 == 0 ? 600 : 900)).isEqualTo("open");
        }
    }

    @Test
    void aClientThatPingsMuchMoreOftenIsDisconnected() throws Exception {
        properties.setPermitKeepAliveTime(Duration.ofSeconds(10));
        RawConnection client = open(start());

        for (int i = 0; i < 4; i++) {
            ping(client);
        }

        assertThat(client.end(5_000)).isEqualTo("GOAWAY ENHANCE_YOUR_CALM");
    }

    private static void ping(RawConnection client) throws IOException {
        client.frame(RawConnection.PING, 0, 0, new byte[8]);
        client.flush();
    }

    private RawConnection open(LimitedServer server) throws Exception {
        RawConnection client = RawConnection.open(server.port());
        resources.add(client);
        return client;
    }

    private LimitedServer start(String... settings) throws IOException {
        LimitedServer server = LimitedServer.start(properties, builder -> {}, settings);
        resources.add(server);
        return server;
    }

    private Socket connect(LimitedServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        resources.add(socket);
        return socket;
    }

    private ManagedChannel channel(LimitedServer server) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        InetAddress.getLoopbackAddress().getHostAddress(), server.port())
                .usePlaintext()
                .build();
        resources.add(channel::shutdownNow);
        return channel;
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            // The server answers the preface of an open connection with its SETTINGS.
            socket.getOutputStream().write(RawConnection.PREFACE);
            return socket.getInputStream().read() == -1;
        } catch (SocketException e) {
            return true;
        }
    }

    private static void readUntilClosed(Socket socket) throws IOException {
        while (socket.getInputStream().read() != -1) {}
    }

    /** Resets calls that the server has begun, as a caller does when their deadlines have passed. */
    private static void resetCalls(ManagedChannel channel, int calls) {
        for (int i = 0; i < calls; i++) {
            ClientCallStreamObserver<HelloRequest> call = openCall(channel);
            GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance());
            call.cancel("reset", null);
        }
    }

    private static ClientCallStreamObserver<HelloRequest> openCall(ManagedChannel channel) {
        List<ClientCallStreamObserver<HelloRequest>> call = new ArrayList<>(1);
        GreeterGrpc.newStub(channel).sayHelloBidiStream(new ClientResponseObserver<HelloRequest, HelloReply>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<HelloRequest> started) {
                call.add(started);
            }

            @Override
            public void onNext(HelloReply reply) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        });
        return call.get(0);
    }
}
