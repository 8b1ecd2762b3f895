package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.Server;
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
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import net.devh.boot.grpc.server.event.GrpcServerShutdownEvent;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.serverfactory.GrpcServerFactory;
import net.devh.boot.grpc.server.serverfactory.GrpcServerLifecycle;
import net.devh.boot.grpc.server.service.GrpcServiceDefinition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see of a server that stops. */
class DrainTest {

    private static final Duration GRACE = Duration.ofMinutes(1);

    private final String name = UUID.randomUUID().toString();
    private final HealthStatusManager healthStatus = new HealthStatusManager();
    private final EndlessCallInterceptor endlessCalls = new EndlessCallInterceptor();
    private final ServiceHealth health = new ServiceHealth(healthStatus);
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(name).directExecutor().build();
    private final GrpcServerLifecycle server =
            lifecycle(new Drain(health, endlessCalls, Duration.ofMillis(300), event -> {}));

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
    void aServerThatStartsAgainServesAgain() {
        server.stop();
        server.start();

        ReplyRecorder<HealthCheckResponse> watch = watch();

        assertThat(watch.soFar()).extracting(HealthCheckResponse::getStatus).containsExactly(ServingStatus.SERVING);
    }

    private ReplyRecorder<HealthCheckResponse> watch() {
        ReplyRecorder<HealthCheckResponse> watch = new ReplyRecorder<>();
        HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
        return watch;
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
                    .addService(new Echo())
                    .intercept(endlessCalls)
                    .intercept(new ClosedCallInterceptor())
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

    private static final class Echo extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.getDefaultInstance());
            replies.onCompleted();
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {
                    replies.onNext(HelloReply.getDefaultInstance());
                }

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
