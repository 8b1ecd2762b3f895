package dev.greeter.server.socket;

import static dev.greeter.start.SettingRules.refuseBoth;
import static dev.greeter.start.SettingRules.refuseWithoutEffect;

import dev.greeter.start.SettingException;
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
    private static final String NONE = "NONE";
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
    private static final List<String> PAIR = List.of("certificate-chain", "private-key");
    private static final List<String> KEY_STORE = List.of("key-store");
    private static final List<String> TRUST_STORE = List.of("trust-store");
    private static final List<String> HTTP_PAIR = List.of("certificate", "certificate-private-key");

    private TlsEffect() {}

    static void check(Environment environment) {
        checkManagement(environment);
        checkSources(environment, "server.ssl.");
        checkSources(environment, MANAGEMENT + "ssl.");
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
        if (!"false".equals(environment.getProperty(ENABLED))) {
            refuseBoth(environment, SECURITY, PAIR, KEY_STORE);
            refuseBoth(environment, SECURITY, List.of("trust-cert-collection"), TRUST_STORE);
            String verification = environment.getProperty(CLIENT_AUTH, NONE);
            if (!verification.equalsIgnoreCase(NONE)
                    && !environment.containsProperty(SECURITY + "trust-cert-collection")
                    && !environment.containsProperty(SECURITY + "trust-store")) {
                throw trustsAnyAuthority(
                        CLIENT_AUTH + " is " + verification,
                        SECURITY + "trust-cert-collection or " + SECURITY + "trust-store");
            }
        }
    }

    /** Returns what is wrong with verifying the certificates of clients by the authorities of the system. */
    static SettingException trustsAnyAuthority(String problem, String trust) {
        return new SettingException(
                problem + ", but no authority is trusted, and a client could have its certificate from any public one.",
                "Set " + trust + ".",
                null);
    }

    private static void checkSources(Environment environment, String prefix) {
        if (!"false".equals(environment.getProperty(prefix + "enabled"))) {
            refuseBoth(environment, prefix, HTTP_PAIR, KEY_STORE);
            refuseBoth(environment, prefix, List.of("trust-certificate"), TRUST_STORE);
            refuseBoth(
                    environment,
                    prefix,
                    List.of("bundle"),
                    List.of("certificate", "certificate-private-key", "key-store", "trust-certificate", "trust-store"));
        }
    }

    private static void checkManagement(Environment environment) {
        if (ManagementPortType.get(environment) == ManagementPortType.SAME
                && !"false".equals(environment.getProperty(MANAGEMENT + "ssl.enabled"))) {
            refuseWithoutEffect(
                    environment,
                    MANAGEMENT + "ssl.",
                    names(environment, MANAGEMENT + "ssl", Object.class),
                    "the management server has no port of its own, and the HTTP port has the TLS of server.ssl",
                    "Set these under server.ssl, or " + MANAGEMENT + "port to another port.");
        }
    }

    private static List<String> certificates(Environment environment) {
        return names(environment, "service.certificates", String[].class).stream()
                .map(name -> environment.containsProperty("service.certificates." + name)
                        ? "certificates." + name
                        : "certificates[" + name + "]")
                .toList();
    }

    private static List<String> names(Environment environment, String group, Class<?> values) {
        return List.copyOf(Binder.get(environment)
                .bind(group, Bindable.mapOf(String.class, values))
                .orElse(Map.of())
                .keySet());
    }
}
