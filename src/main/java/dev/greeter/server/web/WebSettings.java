package dev.greeter.server.web;

import dev.greeter.start.SettingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the web port, whose limits are those of the gRPC port.
 *
 * @param port port for Connect, gRPC-Web and JSON; 0 for a free one, -1 for none
 * @param address address of the web port, by default that of the gRPC port
 * @param cors settings of calls by pages of other origins
 */
@ConfigurationProperties(prefix = "service.web", ignoreUnknownFields = false)
record WebSettings(
        @DefaultValue("8080") int port,
        @Nullable String address,
        @DefaultValue Cors cors) {

    private static final int NONE = -1;
    private static final int MAX_PORT = 65_535;

    WebSettings {
        if (port < NONE || port > MAX_PORT) {
            throw new IllegalArgumentException("service.web.port must be -1, 0 or a port, but is " + port);
        }
    }

    boolean isOff() {
        return port == NONE;
    }

    /**
     * Settings of calls by pages of other origins.
     *
     * @param allowedOrigins origins of other pages that may call, such as https://example.com, or * for all
     */
    record Cors(@DefaultValue List<String> allowedOrigins) {

        Cors {
            allowedOrigins.forEach(Cors::requireOrigin);
        }

        private static void requireOrigin(String origin) {
            if (origin.equals("*")) {
                return;
            }
            try {
                URI uri = new URI(origin);
                if (uri.getScheme() != null
                        && uri.getHost() != null
                        && uri.getRawPath().isEmpty()
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null
                        && uri.getRawUserInfo() == null) {
                    return;
                }
            } catch (URISyntaxException e) {
                // It is none.
            }
            throw new SettingException(
                    "service.web.cors.allowed-origins has \"" + origin + "\", which is no origin.",
                    "Write an origin as browsers do: https://example.com, with a port only where it is unusual, and"
                            + " without a slash at the end.",
                    null);
        }
    }
}
