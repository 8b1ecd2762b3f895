package dev.greeter.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.JarProcess;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The stop of the packaged application by SIGTERM. */
@DisabledOnOs(OS.WINDOWS)
class DrainIT {

    @Test
    void sigtermFinishesCallsInFlightIsHeldByNothingElseAndExitsWithZero() throws IOException {
        try (JarProcess server = JarProcess.start("--grpc.server.port=0", "--grpc.server.shutdown-grace-period=60s");
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                    .usePlaintext()
                    .build();
            ReplyRecorder<HealthCheckResponse> watch = new ReplyRecorder<>();
            HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
            ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
            StreamObserver<HelloRequest> requests = GreeterGrpc.newStub(channel).sayHelloBidiStream(replies);
            requests.onNext(name("Ada"));
            Awaitility.await().until(() -> replies.soFar().size() == 1);

            server.terminate();

            assertThat(watch.failure().getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(watch.soFar())
                    .extracting(HealthCheckResponse::getStatus)
                    .containsExactly(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
            requests.onNext(name("Zoë"));
            requests.onCompleted();
            Instant end = Instant.now();
            assertThat(replies.all()).hasSize(2);
            assertThat(server.awaitExit()).as(server.output()).isZero();
            assertThat(Duration.between(end, Instant.now())).isLessThan(Duration.ofSeconds(30));
            assertThat(silent.isConnected()).isTrue();
            channel.shutdownNow();
        }
    }

    private static HelloRequest name(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }
}
