package dev.greeter.server.socket;

import static dev.greeter.start.SettingRules.refuseWithoutEffect;

import dev.greeter.start.StrictStart;
import java.util.List;
import java.util.Map;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Stops the start over settings of TLS that protect nothing, unless somebody has turned off what they need; a strict
 * start also over plaintext that nobody has asked for.
 */
final class TlsEffect {

    private static final String SECURITY = "grpc.server.security.";
    private static final String MANAGEMENT = "management.server.";
    private static final String ENABLED = SECURITY + "enabled";
    private static final String CLIENT_AUTH = SECURITY + "client-auth";
    private static final List<String> OF_TLS = List.of(
            "certificate-chain",
            "private-key",
            "private-key-password",
            "key-store",
            "key-store-password",
            "client-auth",
            "trust-cert-collection",
            "trust-store",
            "trust-store-password",
            "ciphers",
            "protocols");
    private static final List<String> OF_CLIENTS =
            List.of("trust-cert-collection", "trust-store", "trust-store-password");

    private TlsEffect() {}

    static void check(Environment environment) {
        checkManagement(environment);
        if ("-1".equals(environment.getProperty("grpc.server.port"))) {
            return;
        }
        if (!environment.containsProperty(ENABLED)) {
            String reason = ENABLED + " is not true, and the server speaks plaintext";
            String remedy = "Set " + ENABLED + "=true, or say that you want plaintext with " + ENABLED + "=false.";
            refuseWithoutEffect(environment, SECURITY, OF_TLS, reason, remedy);
            refuseWithoutEffect(environment, "service.tls.", List.of("reload"), reason, remedy);
            StrictStart.refuse(environment, ENABLED + " is not set, and the server would speak plaintext", remedy);
        }
        if (!environment.containsProperty(CLIENT_AUTH)) {
            String reason = CLIENT_AUTH + " is not set, and no client is asked for a certificate";
            String remedy = "Set " + CLIENT_AUTH + "=REQUIRE or OPTIONAL, or say with NONE that you want none.";
            refuseWithoutEffect(environment, SECURITY, OF_CLIENTS, reason, remedy);
            refuseWithoutEffect(environment, "service.", certificates(environment), reason, remedy);
        }
    }

    private static void checkManagement(Environment environment) {
        if (ManagementPortType.get(environment) == ManagementPortType.SAME
                && !"false".equals(environment.getProperty(MANAGEMENT + "ssl.enabled"))) {
            refuseWithoutEffect(
                    environment,
                    MANAGEMENT + "ssl.",
                    names(environment, MANAGEMENT + "ssl"),
                    "the management server has no port of its own, and the HTTP port has the TLS of server.ssl",
                    "Set these under server.ssl, or " + MANAGEMENT + "port to another port.");
        }
    }

    private static List<String> certificates(Environment environment) {
        return names(environment, "service.certificates").stream()
                .map(name -> "certificates[" + name + "]")
                .toList();
    }

    private static List<String> names(Environment environment, String group) {
        return List.copyOf(Binder.get(environment)
                .bind(group, Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet());
    }
}
