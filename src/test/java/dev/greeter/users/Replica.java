package dev.greeter.users;

import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.test.WholeApplication;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** The application, one of several in this process, and a channel to it; its methods are open. */
final class Replica implements AutoCloseable {

    private final ConfigurableApplicationContext application;
    private final ManagedChannel channel;

    Replica(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(settings));
        arguments.add("--service.database.start-timeout=60s");
        UserServiceGrpc.getServiceDescriptor()
                .getMethods()
                .forEach(method -> arguments.add("--service.access[" + method.getFullMethodName() + "]=open"));
        application = WholeApplication.start(arguments.toArray(String[]::new));
        int port = application.getEnvironment().getRequiredProperty("local.grpc.port", Integer.class);
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    ManagedChannel channel() {
        return channel;
    }

    UserServiceBlockingStub users() {
        return UserServiceGrpc.newBlockingStub(channel);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        application.close();
    }
}
