package dev.greeter.server.web;

import dev.greeter.start.SettingException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the web port, whose limits are those of the gRPC port.
 *
 * @param port port for Connect, gRPC-Web and JSON; 0 for a free one, -1 for none
 * @param address address of the web port, by default that of the gRPC port
 * @param console whether the port serves a page that shows and calls the methods
 * @param cors settings of calls by pages of other origins
 */
@ConfigurationProperties("service.web")
record WebSettings(
        @DefaultValue("8080") int port,
        @Nullable String address,
        @DefaultValue("true") boolean console,
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

        private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#@\\s]+");

        Cors {
            allowedOrigins.forEach(Cors::requireOrigin);
        }

        private static void requireOrigin(String origin) {
            if (!origin.equals("*") && !ORIGIN.matcher(origin).matches()) {
                throw new SettingException(
                        "service.web.cors.allowed-origins has \"" + origin + "\", which is not an origin.",
                        "Write an origin as browsers send it, such as https://example.com: with a port only where it is"
                                + " unusual, and without a slash at the end.",
                        null);
            }
        }
    }
}
