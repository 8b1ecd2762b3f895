package dev.greeter.server.socket;

import static dev.greeter.start.SettingRules.refuseWithoutEffect;

import dev.greeter.start.StrictStart;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Stops the start over settings of TLS that protect nothing, unless somebody has turned off what they need; a strict
 * start also over plaintext that nobody has asked for.
 */
final class TlsEffect {

    private static final String SECURITY = "grpc.server.security.";
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

    private static List<String> certificates(Environment environment) {
        return Binder.get(environment)
                .bind("service.certificates", Bindable.mapOf(String.class, Object.class))
                .orElse(Map.of())
                .keySet()
                .stream()
                .map(name -> "certificates[" + name + "]")
                .toList();
    }
}
