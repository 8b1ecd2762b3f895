package dev.greeter.server.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.WholeApplication;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** Two applications in one process, as the cached contexts of tests are: each calls its own server. */
class OwnServerTest {

    private final ConfigurableApplicationContext first = WholeApplication.start();
    private final ConfigurableApplicationContext second = WholeApplication.start();

    @AfterEach
    void stop() {
        first.close();
        second.close();
    }

    @Test
    void eachClientReachesTheServerOfItsOwnContext() {
        greet(client(first));
        greet(client(second));
        greet(client(second));

        assertThat(greetings(first)).isEqualTo(1);
        assertThat(greetings(second)).isEqualTo(2);

        second.close();
        greet(client(first));

        assertThat(greetings(first)).isEqualTo(2);
    }

    @Test
    void theEnvironmentHasThePortOfItsOwnServer() {
        int port = second.getEnvironment().getRequiredProperty("local.grpc.port", Integer.class);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("localhost", port).usePlaintext().build();
        greet(channel);
        channel.shutdownNow();

        assertThat(greetings(second)).isEqualTo(1);
    }

    private static Channel client(ConfigurableApplicationContext application) {
        return application.getBean(GrpcChannelFactory.class).createChannel("greeter");
    }

    private static void greet(Channel channel) {
        GreeterGrpc.newBlockingStub(channel)
                .sayHello(HelloRequest.newBuilder().setName("Ada").build());
    }

    private static double greetings(ConfigurableApplicationContext application) {
        return application
                .getBean(MeterRegistry.class)
                .get("grpc.server.requests.received")
                .tag("method", "SayHello")
                .functionCounter()
                .count();
    }
}
