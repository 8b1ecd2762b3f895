package dev.greeter.test;

import java.util.Map;
import java.util.UUID;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Gives each test context its own in-process server, which every client calls. */
public final class InProcessTransport implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        String name = UUID.randomUUID().toString();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "in-process transport",
                        Map.of(
                                // The starter refuses these settings for a transport without sockets.
                                "grpc.server.enable-keep-alive",
                                false,
                                "grpc.client.GLOBAL.enable-keep-alive",
                                false,
                                "grpc.server.max-connection-idle",
                                "",
                                "grpc.server.max-connection-age",
                                "",
                                "grpc.server.max-connection-age-grace",
                                "",
                                "grpc.server.port",
                                -1,
                                "grpc.server.in-process-name",
                                name,
                                "grpc.client.greeter.address",
                                "in-process:" + name,
                                "grpc.client.GLOBAL.address",
                                "in-process:" + name)));
    }
}
