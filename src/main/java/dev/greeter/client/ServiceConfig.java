package dev.greeter.client;

import dev.greeter.start.SettingException;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonParseException;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.Resource;

/** Gives injected channels a gRPC service config (deadlines, retries, balancing); the starter has no setting for it. */
final class ServiceConfig implements GrpcChannelConfigurer {

    private final Map<String, ?> config;

    ServiceConfig(Resource file) {
        try {
            config =
                    JsonParserFactory.getJsonParser()
                            .parseMap(file.getContentAsString(StandardCharsets.UTF_8))
                            .entrySet()
                            .stream()
                            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> grpc(entry.getValue())));
        } catch (IOException | JsonParseException e) {
            throw new SettingException(
                    "greeter.client.service-config cannot be read from " + file.getDescription() + ": " + e.getMessage()
                            + ".",
                    "Name a file with a gRPC service config in JSON, or remove the setting.",
                    e);
        }
    }

    @Override
    public void accept(ManagedChannelBuilder<?> channel, String name) {
        channel.defaultServiceConfig(config);
    }

    /** Returns the value in the types that grpc-java expects: each number as a double. */
    private static Object grpc(@Nullable Object json) {
        if (json instanceof Map<?, ?> object) {
            return object.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> grpc(entry.getValue())));
        }
        if (json instanceof List<?> array) {
            return array.stream().map(ServiceConfig::grpc).toList();
        }
        if (json instanceof Number number) {
            return number.doubleValue();
        }
        return json == null ? "" : json;
    }
}
