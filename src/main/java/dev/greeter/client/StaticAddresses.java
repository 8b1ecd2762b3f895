package dev.greeter.client;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import net.devh.boot.grpc.client.config.GrpcChannelProperties;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.nameresolver.StaticNameResolverProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Lets {@code static://HOST:PORT,HOST:PORT} name several servers, whose colons grpc-java takes only when escaped. */
final class StaticAddresses implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof GrpcChannelsProperties clients) {
            clients.getClient().values().forEach(StaticAddresses::escape);
        }
        return bean;
    }

    private static void escape(GrpcChannelProperties client) {
        URI address = client.getAddress();
        if (address != null && StaticNameResolverProvider.STATIC_SCHEME.equals(address.getScheme())) {
            String servers = address.getAuthority();
            if (servers != null && servers.contains(",")) {
                client.setAddress("static://" + URLEncoder.encode(servers, StandardCharsets.UTF_8));
            }
        }
    }
}
