package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which thread a call gets. */
class CallThreadsTest {

    private final String name = UUID.randomUUID().toString();
    private final AtomicInteger handedOver = new AtomicInteger();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "worker"));
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(name).directExecutor().build();
    private AccessTable access = new AccessTable(
            Map.of("helloworld.Greeter/SayHello", Access.OPEN, "grpc.health.v1.Health/Check", Access.OPEN));
    private @Nullable Server server;

    @AfterEach
    void stop() {
        channel.shutdownNow();
        if (server != null) {
            server.shutdownNow();
        }
        worker.shutdown();
    }

    @Test
    void aServiceThatPromisesNotToBlockStaysOnTheThreadOfTheTransport() throws IOException {
        start(Set.of("helloworld.Greeter"), new ThreadNames());

        assertThat(threadOfACall()).isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void aServiceThatPromisesNothingRunsOnAWorker() throws IOException {
        start(Set.of("helloworld.Other"), new ThreadNames());

        assertThat(threadOfACall()).isEqualTo("worker");
    }

    @Test
    void theServicesOfGrpcItselfNeedNoPromise() throws IOException {
        start(Set.of(), new HealthStatusManager().getHealthService());

        HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());

        assertThat(handedOver).hasValue(0);
    }

    @Test
    void aCallWhoseCredentialsAreCheckedRunsOnAWorker() throws IOException {
        access = new AccessTable(Map.of());
        start(Set.of("helloworld.Greeter"), new ThreadNames());

        assertThat(threadOfACall()).isEqualTo("worker");
    }

    @Test
    void aFailureOnAWorkerEndsTheCall() throws IOException {
        start(Set.of(), new GreeterGrpc.GreeterImplBase() {
            @Override
            public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
                throw new IllegalStateException("on purpose");
            }
        });

        assertThatThrownBy(this::threadOfACall).hasMessage("UNKNOWN");
    }

    private void start(Set<String> nonBlocking, BindableService service) throws IOException {
        server = InProcessServerBuilder.forName(name)
                .directExecutor()
                .intercept(new CallThreads(nonBlocking, access, task -> {
                    handedOver.incrementAndGet();
                    worker.execute(task);
                }))
                .addService(service)
                .build()
                .start();
    }

    private String threadOfACall() {
        return GreeterGrpc.newBlockingStub(channel)
                .sayHello(HelloRequest.getDefaultInstance())
                .getMessage();
    }

    private static final class ThreadNames extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder()
                    .setMessage(Thread.currentThread().getName())
                    .build());
            replies.onCompleted();
        }
    }
}
