package dev.greeter.client;

import io.grpc.Channel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** The channel that {@code @GrpcClient("greeter")} injects, without the application around it. */
public final class InjectedChannel implements AutoCloseable {

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    /** Creates the channel for an address in {@code grpc.client.greeter.address}. */
    public InjectedChannel(String address) {
        this(address, Map.of());
    }

    InjectedChannel(String address, Map<String, Object> settings) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "channel",
                        Map.of(
                                "grpc.client.greeter.address",
                                address,
                                "grpc.client.greeter.negotiation-type",
                                "plaintext",
                                "grpc.client.greeter.shutdown-grace-period",
                                "0s")));
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("settings", settings));
        context.registerBean(SimpleMeterRegistry.class);
        context.register(ClientConfiguration.class, GrpcClientAutoConfiguration.class);
        context.refresh();
    }

    public Channel channel() {
        return context.getBean(GrpcChannelFactory.class).createChannel("greeter");
    }

    @Override
    public void close() {
        context.close();
    }
}
