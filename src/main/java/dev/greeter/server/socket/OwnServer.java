package dev.greeter.server.socket;

import io.grpc.ManagedChannelBuilder;
import java.net.URI;
import java.util.Map;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.nameresolver.SelfNameResolverFactory;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Lets clients find the server of their own context: by the address {@code self:self}, which grpc-java looks up in a
 * registry that all contexts of the process share, or by the property {@code local.grpc.port}.
 */
final class OwnServer implements GrpcChannelConfigurer {

    private static final String PORT = "local.grpc.port";

    private final SelfNameResolverFactory self;
    private final GrpcChannelsProperties clients;
    private final ConfigurableEnvironment environment;

    OwnServer(SelfNameResolverFactory self, GrpcChannelsProperties clients, ConfigurableEnvironment environment) {
        this.self = self;
        this.clients = clients;
        this.environment = environment;
    }

    @Override
    @SuppressWarnings("deprecation") // grpc-java advises to use its registry
    public void accept(ManagedChannelBuilder<?> channel, String client) {
        URI address = clients.getChannel(client).getAddress();
        if (address != null && SelfNameResolverFactory.SELF_SCHEME.equals(address.getScheme())) {
            channel.nameResolverFactory(self);
        }
    }

    @EventListener
    void started(GrpcServerStartedEvent event) {
        int port = event.getServer().getPort();
        if (port > 0) {
            environment.getPropertySources().addFirst(new MapPropertySource(PORT, Map.of(PORT, port)));
        }
    }
}
