package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.TestPropertySource;

/** The chain refuses callers without credentials, and the stubs of the application send the development token. */
@GrpcTest({})
@TestPropertySource(
        properties = {"service.access[helloworld.Greeter/SayHello]=scope:greet", "service.reflection=authenticated"})
class SecurityWiringTest {

    private static final HelloReply REPLY =
            HelloReply.newBuilder().setMessage("Hello, Ada!").build();

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @GrpcClient("greeter")
    private ServerReflectionGrpc.ServerReflectionStub reflection;

    @Value("${grpc.server.in-process-name}")
    private String server;

    private ManagedChannel stranger;

    @BeforeEach
    void connect() {
        stranger = InProcessChannelBuilder.forName(server).build();
    }

    @AfterEach
    void disconnect() {
        stranger.shutdownNow();
    }

    @Test
    void theOwnStubsComeWithTheDevelopmentToken() {
        assertThat(greeter.sayHello(HelloRequest.getDefaultInstance())).isEqualTo(REPLY);
        ReplyRecorder<ServerReflectionResponse> answers = new ReplyRecorder<>();
        ask(reflection.serverReflectionInfo(answers));
        assertThat(answers.all()).hasSize(1);
    }

    @Test
    void aStrangerIsRefused() {
        assertThat(catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> GreeterGrpc.newBlockingStub(stranger).sayHello(HelloRequest.getDefaultInstance()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Code.UNAUTHENTICATED);
        ReplyRecorder<ServerReflectionResponse> answers = new ReplyRecorder<>();
        ask(ServerReflectionGrpc.newStub(stranger).serverReflectionInfo(answers));
        assertThat(answers.failure().getStatus().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    }

    @Test
    void whatIsRefusedIsCountedByItsReason(@Autowired MeterRegistry meters) {
        FunctionCounter refusals = meters.get("grpc.server.refusals")
                .tag("reason", "CREDENTIALS_MISSING")
                .functionCounter();
        double before = refusals.count();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> GreeterGrpc.newBlockingStub(stranger).sayHello(HelloRequest.getDefaultInstance()));
        assertThat(refusals.count()).isEqualTo(before + 1);
    }

    @Test
    void aCallerHasTheScopesThatATestNames(@Autowired TestCallers callers) {
        assertThat(greeter.withCallCredentials(callers.withScopes("greet")).sayHello(HelloRequest.getDefaultInstance()))
                .isEqualTo(REPLY);
        assertThat(catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> greeter.withCallCredentials(callers.withScopes("other"))
                                        .sayHello(HelloRequest.getDefaultInstance()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Code.PERMISSION_DENIED);
    }

    @Test
    void aStrangerMaySeeTheHealth() {
        assertThat(HealthGrpc.newBlockingStub(stranger)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    private static void ask(StreamObserver<ServerReflectionRequest> questions) {
        questions.onNext(
                ServerReflectionRequest.newBuilder().setListServices("").build());
        questions.onCompleted();
    }

    @TestConfiguration
    static class Services {

        @Bean
        @GrpcService
        BindableService greeter() {
            return new GreeterGrpc.GreeterImplBase() {
                @Override
                public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
                    replies.onNext(REPLY);
                    replies.onCompleted();
                }
            };
        }
    }
}
