package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.WholeApplication;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.ConfigurableApplicationContext;

/** A part of the server that is off leaves the others working. */
class RoomsTest {

    @ParameterizedTest
    @CsvSource({
        "call, callTracers",
        "drain, drain",
        "limit, socketLimits",
        "security, authorizationRules",
        "tls, serverTls",
        "web, webServer",
        "workers, callThreads"
    })
    void aRoomCanBeTurnedOff(String room, String bean) {
        try (ConfigurableApplicationContext application =
                WholeApplication.start("--service." + room + ".enabled=false")) {
            assertThat(application.containsBean(bean)).isFalse();
            assertThat(GreeterGrpc.newBlockingStub(application
                                    .getBean(GrpcChannelFactory.class)
                                    .createChannel("greeter"))
                            .sayHello(HelloRequest.newBuilder().setName("Ada").build())
                            .getMessage())
                    .contains("Ada");
        }
    }
}
