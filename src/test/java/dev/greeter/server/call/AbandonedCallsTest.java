package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Refusals;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestSettings;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of clients that hang up, over real sockets. */
class AbandonedCallsTest {

    private static final int CLIENTS = 40;
    private static final int CALLS_PER_CLIENT = 50;

    private final DeadlineTimer timer = new DeadlineTimer();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Server server = NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addStreamTracerFactory(
                    new CallTracers(Stream.of(new Service()), TestSettings.with(DeadlineSettings.class), timer, meters))
            .addService(new Service())
            .intercept(callEnd())
            .build();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
        timer.close();
    }

    @Test
    void countAsCancelledWhereverTheyWere() {
        for (int client = 0; client < CLIENTS; client++) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                    .usePlaintext()
                    .build();
            List<StreamObserver<HelloRequest>> calls = new ArrayList<>();
            for (int i = 0; i < CALLS_PER_CLIENT; i++) {
                calls.add(GreeterGrpc.newStub(channel).sayHelloBidiStream(new ReplyRecorder<>()));
            }
            HelloRequest request = HelloRequest.newBuilder().setName("Ada").build();
            calls.forEach(call -> call.onNext(request));
            await().until(() -> active() > 0);
            channel.shutdownNow();
        }
        await().until(() -> active() == 0);

        Collection<Timer> ended = meters.find("grpc.server.processing.duration").timers();
        assertThat(ended)
                .extracting(calls -> calls.getId().getTag("statusCode"))
                .containsOnly("CANCELLED");
    }

    @Test
    void ofAServiceThatPassesOnTheSameFailureOfItsOwnKeepTheirStatus() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance()));
        channel.shutdownNow();

        await().untilAsserted(() -> assertThat(
                        meters.find("grpc.server.processing.duration").timers())
                .extracting(calls -> calls.getId().getTag("statusCode"))
                .containsOnly("UNAVAILABLE"));
    }

    private double active() {
        return meters.get("grpc.server.processing.active")
                .tag("method", "SayHelloBidiStream")
                .gauge()
                .value();
    }

    private static ServerInterceptor callEnd() {
        return new CallEndInterceptor(new Refusals(new SimpleMeterRegistry()));
    }

    private static final class Service extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onError(Status.UNAVAILABLE
                    .withDescription("io exception")
                    .withCause(new IOException("Connection refused"))
                    .asRuntimeException());
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return new EchoGreeter().sayHelloBidiStream(replies);
        }
    }
}
