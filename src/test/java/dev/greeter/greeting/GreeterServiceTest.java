package dev.greeter.greeting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.GrpcTest;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.junit.jupiter.api.Test;

/** The Greeter's answers, through a stub. */
@GrpcTest(GreeterService.class)
class GreeterServiceTest {

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @Test
    void sayHelloGreetsByName() {
        assertThat(greeter.sayHello(HelloRequest.newBuilder().setName("you").build())
                        .getMessage())
                .isEqualTo("Hello, you!");
    }
}
