package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterFutureStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.start.SettingException;
import dev.greeter.test.ReplyRecorder;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ByteArrayResource;

/** The reaction of a channel to failures with Greeter's service config, with real servers. */
class ServiceConfigTest {

    private static final String DEFAULT = "classpath:service-config.json";

    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Server> servers = new ArrayList<>();

    @TempDir
    private Path files;

    private @Nullable InjectedChannel client;

    @AfterEach
    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do after it
    void stop() throws InterruptedException {
        if (client != null) {
            client.close();
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
        Channel channel = connect(DEFAULT, start(first), start(second));
        awaitCallsOf(first, second);

        first.diesOfCalls(80);
        GreeterFutureStub greeter = GreeterGrpc.newFutureStub(channel);
        List<ListenableFuture<HelloReply>> calls = Stream.generate(
                        () -> greeter.sayHello(HelloRequest.getDefaultInstance()))
                .limit(200)
                .toList();

        assertThat(calls).allSatisfy(call -> assertThat(call.get().getMessage()).isEqualTo("answered"));
        assertThat(first.lastCalls).hasValueLessThanOrEqualTo(0);
    }

    @Test
    void hedgingAsksAgainBeforeTheFirstAnswer() throws IOException {
        String hedging = file("""
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
        assertThatThrownBy(() -> new ServiceConfig(new ByteArrayResource("{".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("greeter.client.service-config");
    }

    private String sayHello() {
        return GreeterGrpc.newBlockingStub(Objects.requireNonNull(client).channel())
                .sayHello(HelloRequest.getDefaultInstance())
                .getMessage();
    }

    private void awaitCallsOf(Replica... replicas) {
        Awaitility.await().untilAsserted(() -> {
            sayHello();
            assertThat(replicas).allSatisfy(replica -> assertThat(replica.calls).hasPositiveValue());
        });
    }

    private String file(String json) throws IOException {
        return Files.writeString(files.resolve("service-config.json"), json)
                .toUri()
                .toString();
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

    private Channel connect(String serviceConfig, Server... replicas) {
        String address = Stream.of(replicas)
                .map(replica -> "127.0.0.1:" + replica.getPort())
                .collect(Collectors.joining(",", "static://", ""));
        client = new InjectedChannel(address, Map.of("greeter.client.service-config", serviceConfig));
        return client.channel();
    }

    /** Fails its first calls, or never answers the first if none is to fail. */
    private static final class Replica extends GreeterGrpc.GreeterImplBase {

        private final int failures;
        private final @Nullable String pushback;
        private final AtomicInteger calls = new AtomicInteger();
        private final ServerSockets sockets = new ServerSockets();
        private final AtomicInteger lastCalls = new AtomicInteger(Integer.MAX_VALUE);
        private volatile long secondsLeft;

        Replica(int failures, @Nullable String pushback) {
            this.failures = failures;
            this.pushback = pushback;
        }

        /** Answers no more calls, and is killed after this many. */
        void diesOfCalls(int calls) {
            lastCalls.set(calls);
        }

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            int call = calls.incrementAndGet();
            var deadline = Context.current().getDeadline();
            secondsLeft = deadline == null ? -1 : deadline.timeRemaining(TimeUnit.SECONDS);
            if (lastCalls.get() < Integer.MAX_VALUE) {
                if (lastCalls.decrementAndGet() == 0) {
                    sockets.kill();
                }
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
}
