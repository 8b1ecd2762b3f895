package dev.greeter.server.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.server.security.AuthorizationRules;
import dev.greeter.server.security.TestRules;
import dev.greeter.service.Caller;
import dev.greeter.service.Refusals;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestSettings;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;

/** The threads of calls. */
class CallThreadsTest {

    private final String name = UUID.randomUUID().toString();
    private final AtomicInteger handedOver = new AtomicInteger();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> new Thread(task, "worker"));
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(name).directExecutor().build();
    private AuthorizationRules access = TestRules.open("helloworld.Greeter/SayHello", "grpc.health.v1.Health/Check");
    private WorkerSettings settings = TestSettings.with(WorkerSettings.class);
    private @Nullable Authentication caller;
    private @Nullable Server server;

    private final MeterRegistry meters = new SimpleMeterRegistry();

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
        access = TestRules.open();
        start(Set.of("helloworld.Greeter"), new ThreadNames());

        assertThat(threadOfACall()).isEqualTo("worker");
    }

    @Test
    void aCallOfAKnownCallerStaysOnTheThreadOfTheTransport() throws IOException {
        access = TestRules.open();
        caller = new TestingAuthenticationToken("ada", "");
        start(Set.of("helloworld.Greeter"), new ThreadNames());

        assertThat(threadOfACall()).isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void aServiceThatPromisesNothingRunsOnAWorkerForAKnownCallerToo() throws IOException {
        access = TestRules.open();
        caller = new TestingAuthenticationToken("ada", "");
        start(Set.of(), new ThreadNames());

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

    @Test
    void aCallBeyondTheLimitIsRefusedWithoutAWorker() throws IOException {
        settings = TestSettings.with(WorkerSettings.class, "max-calls=1");
        Waiting greeter = new Waiting();
        start(Set.of(), greeter);
        ReplyRecorder<HelloReply> first = new ReplyRecorder<>();
        GreeterGrpc.newStub(channel).sayHello(HelloRequest.getDefaultInstance(), first);

        await().untilAsserted(() -> assertThat(greeter.waiting).isDone());
        assertThat(callsOnWorkers()).isOne();
        int before = handedOver.get();

        StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, this::threadOfACall);

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(StatusProto.fromThrowable(refusal))
                .isNotNull()
                .satisfies(status ->
                        assertThat(status.getDetails(1).is(RetryInfo.class)).isTrue());
        assertThat(handedOver).hasValue(before);
        greeter.answer.countDown();
        assertThat(first.all()).hasSize(1);
        await().untilAsserted(() -> assertThat(threadOfACall()).isEqualTo("worker"));
        await().untilAsserted(() -> assertThat(callsOnWorkers()).isZero());
    }

    private double callsOnWorkers() {
        return meters.get("grpc.server.workers.active")
                .tag("kind", "calls")
                .gauge()
                .value();
    }

    @Test
    void aCallBeyondTheLimitWaitsAMomentForASlot() throws IOException {
        settings = TestSettings.with(WorkerSettings.class, "max-calls=1");
        Waiting greeter = new Waiting();
        start(Set.of(), greeter);
        ReplyRecorder<HelloReply> first = new ReplyRecorder<>();
        ReplyRecorder<HelloReply> second = new ReplyRecorder<>();
        GreeterGrpc.newStub(channel).sayHello(HelloRequest.getDefaultInstance(), first);
        GreeterGrpc.newStub(channel).sayHello(HelloRequest.getDefaultInstance(), second);

        greeter.answer.countDown();

        assertThat(first.all()).hasSize(1);
        assertThat(second.all()).hasSize(1);
    }

    @Test
    void aStreamTakesItsSlotUntilItEnds() throws IOException {
        settings = TestSettings.with(WorkerSettings.class, "max-streams=1");
        start(Set.of(), new Waiting());
        ReplyRecorder<HelloReply> first = new ReplyRecorder<>();
        StreamObserver<HelloRequest> requests = GreeterGrpc.newStub(channel).sayHelloBidiStream(first);
        ReplyRecorder<HelloReply> second = new ReplyRecorder<>();
        GreeterGrpc.newStub(channel).sayHelloBidiStream(second);

        assertThat(second.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);

        requests.onError(Status.CANCELLED.asException());
        await().untilAsserted(() -> {
            ReplyRecorder<HelloReply> third = new ReplyRecorder<>();
            GreeterGrpc.newStub(channel).sayHelloBidiStream(third).onCompleted();
            assertThat(third.all()).isEmpty();
        });
    }

    private void start(Set<String> nonBlocking, BindableService service) throws IOException {
        CallThreads threads = new CallThreads(
                nonBlocking,
                access::isOpen,
                task -> {
                    handedOver.incrementAndGet();
                    worker.execute(task);
                },
                settings,
                new Refusals(meters));
        threads.bindTo(meters);
        server = InProcessServerBuilder.forName(name)
                .directExecutor()
                .intercept(threads)
                .intercept(new KnownCaller())
                .addService(service)
                .build()
                .start();
    }

    private String threadOfACall() {
        return GreeterGrpc.newBlockingStub(channel)
                .sayHello(HelloRequest.getDefaultInstance())
                .getMessage();
    }

    /** Stands for the interceptor that recognizes callers. */
    private final class KnownCaller implements ServerInterceptor {

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            return Contexts.interceptCall(Context.current().withValue(Caller.KEY, caller), call, headers, next);
        }
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

    /** Answers unary calls once it is told to, and streams when they are half-closed. */
    private static final class Waiting extends GreeterGrpc.GreeterImplBase {

        private final CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        private final CountDownLatch answer = new CountDownLatch(1);

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            waiting.complete(true);
            try {
                assertThat(answer.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            new ThreadNames().sayHello(request, replies);
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {}

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    replies.onCompleted();
                }
            };
        }
    }
}
