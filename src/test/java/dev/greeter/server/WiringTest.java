package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.ServiceAvailability;
import dev.greeter.test.GrpcTest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import io.grpc.reflection.v1.ServerReflectionGrpc.ServerReflectionStub;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.reflection.v1alpha.ServerReflectionGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.serverfactory.GrpcServerConfigurer;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Replacements for what the starters lose on Spring Boot 4 or never had. */
@GrpcTest({})
class WiringTest {

    @Autowired
    private ApplicationEventPublisher events;

    @Autowired
    private List<GrpcServerConfigurer> configurers;

    @Autowired
    @Qualifier("callTracers")
    private GrpcServerConfigurer callTracers;

    @GrpcClient("greeter")
    private HealthBlockingStub health;

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @GrpcClient("greeter")
    private ServerReflectionStub reflection;

    @GrpcClient("greeter")
    private ServerReflectionGrpc.ServerReflectionStub reflectionAlpha;

    @Test
    void healthIsServingForTheServerAndEachService() {
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("helloworld.Greeter")).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void healthIsNotServingForAServiceThatIsUnavailable() {
        events.publishEvent(new ServiceAvailability("helloworld.Greeter", false));

        assertThat(check("helloworld.Greeter")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);

        events.publishEvent(new ServiceAvailability("helloworld.Greeter", true));

        assertThat(check("helloworld.Greeter")).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void healthKnowsNoOtherName() {
        StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, () -> check("unknown"));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void reflectionListsTheServicesInItsStableVersion() {
        ReplyRecorder<ServerReflectionResponse> answers = new ReplyRecorder<>();
        var questions = reflection.serverReflectionInfo(answers);
        questions.onNext(
                ServerReflectionRequest.newBuilder().setListServices("").build());
        questions.onCompleted();
        List<ServiceResponse> services =
                answers.all().get(0).getListServicesResponse().getServiceList();
        assertThat(services)
                .extracting(ServiceResponse::getName)
                .contains("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "helloworld.Greeter");
    }

    @Test
    void reflectionListsTheServicesInTheVersionOfOlderClients() {
        ReplyRecorder<io.grpc.reflection.v1alpha.ServerReflectionResponse> answers = new ReplyRecorder<>();
        var questions = reflectionAlpha.serverReflectionInfo(answers);
        questions.onNext(io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                .setListServices("")
                .build());
        questions.onCompleted();
        assertThat(answers.all().get(0).getListServicesResponse().getServiceList())
                .extracting(io.grpc.reflection.v1alpha.ServiceResponse::getName)
                .contains("grpc.health.v1.Health", "helloworld.Greeter");
    }

    @Test
    void aCallHasADeadline() {
        String seconds = greeter.sayHello(HelloRequest.getDefaultInstance()).getMessage();
        assertThat(Long.parseLong(seconds)).isBetween(20L, 30L);
    }

    @Test
    void theDeadlineOfACallIsThereForAllThatTracesIt() {
        assertThat(configurers).first().isSameAs(callTracers);
    }

    @Test
    void aRequestThatCannotBeDecodedIsInternal() {
        MethodDescriptor<String, HelloReply> noProtobuf = GreeterGrpc.getSayHelloMethod().toBuilder(
                        new Text(), GreeterGrpc.getSayHelloMethod().getResponseMarshaller())
                .build();
        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(greeter.getChannel(), noProtobuf, CallOptions.DEFAULT, "text"));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    private ServingStatus check(String service) {
        return health.check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    @TestConfiguration
    static class Services {

        @Bean
        @GrpcService
        BindableService greeter() {
            return new SecondsLeft();
        }
    }

    private static final class SecondsLeft extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            long seconds =
                    Objects.requireNonNull(Context.current().getDeadline()).timeRemaining(TimeUnit.SECONDS);
            replies.onNext(
                    HelloReply.newBuilder().setMessage(Long.toString(seconds)).build());
            replies.onCompleted();
        }
    }

    private static final class Text implements Marshaller<String> {

        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            throw new UnsupportedOperationException();
        }
    }
}
