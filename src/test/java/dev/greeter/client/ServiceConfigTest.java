package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** What a channel makes of failures by the service config that comes with Greeter, with real servers. */
class ServiceConfigTest {

    private static final Resource DEFAULT = new ClassPathResource("service-config.json");

    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Server> servers = new ArrayList<>();
    private @Nullable ManagedChannel channel;

    @AfterEach
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    void stop() throws InterruptedException {
        if (channel != null) {
            channel.shutdownNow();
        }
        for (Server server : servers) {
            server.shutdownNow().awaitTermination();
        }
        eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void anIdempotentCallIsRetried() throws IOException {
        Replica replica = new Replica(2, null);
        connect(DEFAULT, start(replica));

        assertThat(sayHello()).isEqualTo("answered");
        assertThat(replica.calls).hasValue(3);
    }

    @Test
    void aCallThatMayHaveAnEffectIsNotRetried() throws IOException {
        Replica replica = new Replica(2, null);
        ReplyRecorder<HelloReply> reply = new ReplyRecorder<>();
        GreeterGrpc.newStub(connect(DEFAULT, start(replica)))
                .sayHelloStreamRequest(reply)
                .onCompleted();

        assertThat(reply.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(replica.calls).hasValue(1);
    }

    @Test
    void aServerThatAsksNotToBeAskedAgainIsNot() throws IOException {
        Replica replica = new Replica(1, "-1");
        connect(DEFAULT, start(replica));

        assertThatThrownBy(this::sayHello).hasMessageContaining("UNAVAILABLE");
        assertThat(replica.calls).hasValue(1);
    }

    @Test
    void aCallWithoutDeadlineGetsThatOfItsMethod() throws IOException {
        Replica replica = new Replica(0, null);
        connect(DEFAULT, start(replica));

        sayHello();

        assertThat(replica.secondsLeft).isBetween(5L, 10L);
    }

    @Test
    void onlyServersThatServeAreAsked() throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        Replica first = new Replica(0, null);
        Replica second = new Replica(0, null);
        connect(DEFAULT, start(first, health), start(second, new HealthStatusManager()));
        awaitCallsOf(first, second);

        health.setStatus("", ServingStatus.NOT_SERVING);

        Awaitility.await().untilAsserted(() -> {
            int before = first.calls.get();
            for (int i = 0; i < 10; i++) {
                sayHello();
            }
            assertThat(first.calls).hasValue(before);
        });
    }

    @Test
    void idempotentCallsDoNotFailWhenAServerDies() throws IOException {
        Replica first = new Replica(0, null);
        Replica second = new Replica(0, null);
        connect(DEFAULT, start(first), start(second));
        awaitCallsOf(first, second);
        int answered = first.calls.get();

        first.diesOfTheNextCall = true;

        for (int i = 0; i < 100; i++) {
            assertThat(sayHello()).isEqualTo("answered");
        }
        assertThat(first.calls).hasValue(answered + 1);
    }

    @Test
    void hedgingAsksAgainBeforeTheFirstAnswer() throws IOException {
        Resource hedging = json("""
                {"methodConfig": [{
                    "name": [{"service": "helloworld.Greeter", "method": "SayHello"}],
                    "hedgingPolicy": {"maxAttempts": 3, "hedgingDelay": "0.05s"}}]}""");
        Replica replica = new Replica(-1, null);
        connect(hedging, start(replica));

        assertThat(sayHello()).isEqualTo("answered");
        assertThat(replica.calls).hasValueBetween(2, 3);
    }

    @Test
    void aFileThatIsNoJsonIsNamed() {
        assertThatThrownBy(() -> new ServiceConfig(json("{")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("greeter.client.service-config");
    }

    private String sayHello() {
        return GreeterGrpc.newBlockingStub(Objects.requireNonNull(channel))
                .sayHello(HelloRequest.getDefaultInstance())
                .getMessage();
    }

    private void awaitCallsOf(Replica... replicas) {
        Awaitility.await().untilAsserted(() -> {
            sayHello();
            assertThat(replicas).allSatisfy(replica -> assertThat(replica.calls).hasPositiveValue());
        });
    }

    private static Resource json(String text) {
        return new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8));
    }

    private Server start(Replica replica) throws IOException {
        return start(replica, new HealthStatusManager());
    }

    private Server start(Replica replica, HealthStatusManager health) throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .channelFactory(replica.sockets::listening)
                .bossEventLoopGroup(eventLoop)
                .workerEventLoopGroup(eventLoop)
                .addService(replica)
                .addService(health.getHealthService())
                .build()
                .start();
        servers.add(server);
        return server;
    }

    private ManagedChannel connect(Resource config, Server... replicas) {
        String addresses = Stream.of(replicas)
                .map(replica -> "127.0.0.1%3A" + replica.getPort())
                .collect(Collectors.joining("%2C"));
        NettyChannelBuilder builder =
                NettyChannelBuilder.forTarget("static://" + addresses).usePlaintext();
        new ServiceConfig(config).accept(builder, "greeter");
        channel = builder.build();
        return channel;
    }

    /** Fails its first calls, or never answers the first when there is none to fail. */
    private static final class Replica extends GreeterGrpc.GreeterImplBase {

        private final int failures;
        private final @Nullable String pushback;
        private final AtomicInteger calls = new AtomicInteger();
        private final Sockets sockets = new Sockets();
        private volatile boolean diesOfTheNextCall;
        private volatile long secondsLeft;

        Replica(int failures, @Nullable String pushback) {
            this.failures = failures;
            this.pushback = pushback;
        }

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            int call = calls.incrementAndGet();
            var deadline = Context.current().getDeadline();
            secondsLeft = deadline == null ? -1 : deadline.timeRemaining(TimeUnit.SECONDS);
            if (diesOfTheNextCall) {
                sockets.kill();
            } else if (call <= failures) {
                fail(replies);
            } else if (failures >= 0 || call > 1) {
                replies.onNext(HelloReply.newBuilder().setMessage("answered").build());
                replies.onCompleted();
            }
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
            calls.incrementAndGet();
            fail(replies);
            return new ReplyRecorder<>();
        }

        private void fail(StreamObserver<HelloReply> replies) {
            Metadata trailers = new Metadata();
            if (pushback != null) {
                trailers.put(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), pushback);
            }
            replies.onError(Status.UNAVAILABLE.asRuntimeException(trailers));
        }
    }

    /** The open sockets of a server, which close without a word of gRPC when its process is killed. */
    private static final class Sockets {

        private final Collection<Channel> open = new ConcurrentLinkedQueue<>();

        ServerChannel listening() {
            ServerChannel listening = new NioServerSocketChannel();
            open.add(listening);
            listening.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object accepted) {
                    open.add((Channel) accepted);
                    context.fireChannelRead(accepted);
                }
            });
            return listening;
        }

        /** Closes below the handlers, which would send a GOAWAY. */
        void kill() {
            open.forEach(
                    socket -> socket.eventLoop().execute(() -> socket.unsafe().close(socket.voidPromise())));
        }
    }
}
