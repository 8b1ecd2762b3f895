package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.GrpcTest;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;
import net.devh.boot.grpc.server.service.GrpcService;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** Advice of an application may say what is told of any exception. */
@GrpcTest({})
class OwnAdviceTest {

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @Test
    void itTakesThePlaceOfWhatTheServerSaysOfTheSameException() {
        assertThat(fail("bug")).satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(status.getDescription()).isEqualTo("own");
        });
    }

    @Test
    void theServerSaysTheRest() {
        assertThat(fail("status").getCode()).isEqualTo(Status.Code.ABORTED);
    }

    private Status fail(String how) {
        return catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> greeter.sayHello(
                                HelloRequest.newBuilder().setName(how).build()))
                .getStatus();
    }

    @TestConfiguration
    static class Services {

        @Bean
        @GrpcService
        BindableService faulty() {
            return new GreeterGrpc.GreeterImplBase() {
                @Override
                public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
                    if (request.getName().equals("status")) {
                        throw Status.ABORTED.asRuntimeException();
                    }
                    throw new IllegalStateException("bug");
                }
            };
        }

        @Bean
        Advice advice() {
            return new Advice();
        }
    }

    @GrpcAdvice
    public static class Advice {

        @GrpcExceptionHandler
        public Status any(Throwable failure) {
            return Status.INTERNAL.withDescription("own").withCause(failure);
        }
    }
}
