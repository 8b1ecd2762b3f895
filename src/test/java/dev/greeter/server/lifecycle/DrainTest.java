package dev.greeter.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.server.call.TestCallEnd;
import dev.greeter.service.EndlessStream;
import dev.greeter.service.Refusals;
import dev.greeter.service.ServiceAvailability;
import dev.greeter.start.SettingException;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.ReplyRecorder;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.serverfactory.GrpcServerFactory;
import net.devh.boot.grpc.server.serverfactory.GrpcServerLifecycle;
import net.devh.boot.grpc.server.service.GrpcServiceDefinition;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;

/** The stop of a server as its callers see it. */
class DrainTest {

    private static final Duration GRACE = Duration.ofMinutes(1);

    private final String name = UUID.randomUUID().toString();
    private final HealthStatusManager healthStatus = new HealthStatusManager();
    private final Ticker ticker = new Ticker();
    private final EndlessCallInterceptor endlessCalls =
            new EndlessCallInterceptor(EndlessStreams.of(List.of(ticker, new EchoGreeter())));
    private final ServiceHealth health = new ServiceHealth(healthStatus);
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(name).directExecutor().build();
    private final GrpcServerLifecycle server =
            lifecycle(new Drain(health, endlessCalls, Duration.ofMillis(300), this::publish));
    private @Nullable ReadinessState readiness;
    private Runnable whileStopping = () -> {};

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.stop();
    }

    @Test
    void aWatchSeesNotServingAndIsEnded() {
        ReplyRecorder<HealthCheckResponse> watch = watch();

        server.stop();

        assertThat(watch.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(watch.soFar())
                .extracting(HealthCheckResponse::getStatus)
                .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
    }

    @Test
    void callsAreServedWhileTheDelayPasses() {
        CompletableFuture<Void> stopped = stop();
        Awaitility.await().until(() -> watch().soFar().get(0).getStatus() == ServingStatus.NOT_SERVING);

        GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance());

        assertThat(stopped).isNotDone();
    }

    @Test
    void aWatchThatComesWhileTheDelayPassesIsEndedBehindItsAnswer() {
        CompletableFuture<Void> stopped = stop();
        Awaitility.await().until(() -> {
            ReplyRecorder<HealthCheckResponse> late = watch();
            return late.soFar().get(0).getStatus() == ServingStatus.NOT_SERVING
                    && late.failure().getStatus().getCode() == Status.Code.UNAVAILABLE;
        });
        assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void neitherWatchesNorReflectionHoldTheStop() {
        watch();
        ReplyRecorder<ServerReflectionResponse> reflection = new ReplyRecorder<>();
        ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(reflection)
                .onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(stop()).succeedsWithin(Duration.ofSeconds(10));

        assertThat(reflection.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aStreamThatItsServiceMarksAsEndlessIsEndedAndCancelled() {
        AtomicReference<ServingStatus> healthAtTheEnd = new AtomicReference<>();
        ticker.onCancel = () -> healthAtTheEnd.set(check(""));
        ReplyRecorder<HelloReply> ticks = ticks();

        assertThat(stop()).succeedsWithin(Duration.ofSeconds(10));

        assertThat(ticks.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(ticks.soFar()).hasSize(1);
        assertThat(healthAtTheEnd).hasValue(ServingStatus.NOT_SERVING);
        assertThat(Objects.requireNonNull(ticker.observer).isCancelled()).isTrue();
    }

    @Test
    void anEndlessStreamThatComesWhileTheDelayPassesIsEndedBehindItsAnswer() {
        CompletableFuture<Void> stopped = stop();
        Awaitility.await().until(() -> watch().soFar().get(0).getStatus() == ServingStatus.NOT_SERVING);

        ReplyRecorder<HelloReply> ticks = ticks();

        assertThat(ticks.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(ticks.soFar()).hasSize(1);
        assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void aStreamWithoutRequestsThatComesWhileTheDelayPassesDoesNotHoldTheStop() {
        CompletableFuture<Void> stopped = stop();
        Awaitility.await().until(() -> watch().soFar().get(0).getStatus() == ServingStatus.NOT_SERVING);
        ReplyRecorder<ServerReflectionResponse> reflection = new ReplyRecorder<>();
        ServerReflectionGrpc.newStub(channel).serverReflectionInfo(reflection);

        assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
        assertThat(reflection.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aMarkOnAMethodThatIsNoStreamStopsTheStart() {
        assertThatExceptionOfType(SettingException.class)
                .isThrownBy(() -> EndlessStreams.of(List.of(new GreeterGrpc.GreeterImplBase() {
                    @Override
                    @EndlessStream
                    public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
                        throw new UnsupportedOperationException();
                    }
                })))
                .withMessageContaining("sayHello is marked as an @EndlessStream, but is no streaming method");
    }

    @Test
    void aCallInFlightIsFinished() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        StreamObserver<HelloRequest> requests = GreeterGrpc.newStub(channel).sayHelloBidiStream(replies);
        CompletableFuture<Void> stopped = stop();
        Awaitility.await().until(() -> !server.isRunning());

        requests.onNext(HelloRequest.getDefaultInstance());
        requests.onCompleted();

        assertThat(replies.all()).hasSize(1);
        assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void nothingMakesAServerServeThatStops() {
        List<ServingStatus> statuses = new ArrayList<>();
        whileStopping = () -> {
            health.changed(new ServiceAvailability("helloworld.Greeter", false));
            health.changed(new ServiceAvailability("helloworld.Greeter", true));
            publish(new AvailabilityChangeEvent<>(this, ReadinessState.ACCEPTING_TRAFFIC));
            statuses.add(check("helloworld.Greeter"));
            statuses.add(check(""));
        };

        server.stop();

        assertThat(statuses).containsExactly(ServingStatus.NOT_SERVING, ServingStatus.NOT_SERVING);
    }

    @Test
    void aServerThatStartsAgainServesAgain() {
        server.stop();
        assertThat(readiness).isEqualTo(ReadinessState.REFUSING_TRAFFIC);

        server.start();

        assertThat(readiness).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);

        ReplyRecorder<HealthCheckResponse> watch = watch();

        assertThat(watch.soFar()).extracting(HealthCheckResponse::getStatus).containsExactly(ServingStatus.SERVING);
    }

    private ReplyRecorder<HealthCheckResponse> watch() {
        ReplyRecorder<HealthCheckResponse> watch = new ReplyRecorder<>();
        HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
        return watch;
    }

    private ReplyRecorder<HelloReply> ticks() {
        ReplyRecorder<HelloReply> ticks = new ReplyRecorder<>();
        ClientCalls.asyncServerStreamingCall(
                channel.newCall(Ticker.TICK, CallOptions.DEFAULT), HelloRequest.getDefaultInstance(), ticks);
        return ticks;
    }

    private ServingStatus check(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    /** Stands for Spring. */
    @SuppressWarnings("unchecked")
    private void publish(Object event) {
        AvailabilityChangeEvent<ReadinessState> change = (AvailabilityChangeEvent<ReadinessState>) event;
        boolean stops = readiness != change.getState() && change.getState() == ReadinessState.REFUSING_TRAFFIC;
        readiness = change.getState();
        health.ready(change);
        if (stops) {
            whileStopping.run();
        }
    }

    private CompletableFuture<Void> stop() {
        return CompletableFuture.runAsync(server::stop);
    }

    private GrpcServerLifecycle lifecycle(Drain drain) {
        return new GrpcServerLifecycle(new Factory(), GRACE, event -> {
            if (event instanceof GrpcServerStartedEvent started) {
                health.started(started);
                drain.started(started);
            }
            if (event instanceof GrpcServerShutdownEvent stopping) {
                try {
                    drain.stopping(stopping);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
    }

    private final class Factory implements GrpcServerFactory {

        @Override
        public Server createServer() {
            return InProcessServerBuilder.forName(name)
                    .directExecutor()
                    .addService(healthStatus.getHealthService())
                    .addService(ProtoReflectionServiceV1.newInstance())
                    .addService(new EchoGreeter())
                    .addService(ticker)
                    .intercept(endlessCalls)
                    .intercept(TestCallEnd.interceptor(new Refusals(new SimpleMeterRegistry())))
                    .build();
        }

        @Override
        public String getAddress() {
            return name;
        }

        @Override
        public int getPort() {
            return -1;
        }

        @Override
        public void addService(GrpcServiceDefinition service) {
            throw new UnsupportedOperationException();
        }
    }

    /** Answers once and then waits, under a name in the style of another language. */
    private static final class Ticker implements BindableService {

        static final MethodDescriptor<HelloRequest, HelloReply> TICK =
                GreeterGrpc.getSayHelloStreamReplyMethod().toBuilder()
                        .setFullMethodName("test.Ticker/tick_now")
                        .build();

        private Runnable onCancel = () -> {};
        private @Nullable ServerCallStreamObserver<HelloReply> observer;

        @EndlessStream
        void tickNow(HelloRequest request, StreamObserver<HelloReply> replies) {
            observer = (ServerCallStreamObserver<HelloReply>) replies;
            observer.setOnCancelHandler(onCancel);
            replies.onNext(HelloReply.getDefaultInstance());
        }

        @Override
        public ServerServiceDefinition bindService() {
            return ServerServiceDefinition.builder("test.Ticker")
                    .addMethod(TICK, ServerCalls.asyncServerStreamingCall(this::tickNow))
                    .build();
        }
    }
}
