package dev.greeter.server;

import dev.greeter.start.SettingOrigin;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.context.ApplicationContextException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Reports which setting keeps the server from listening; Spring Boot's own analysis names only the port. */
@Order(0)
final class ListenFailureAnalyzer extends AbstractFailureAnalyzer<RuntimeException> {

    private final Environment environment;

    ListenFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, RuntimeException cause) {
        PortInUseException management = findCause(rootFailure, PortInUseException.class);
        if (management != null) {
            String setting = managementSetting("port", String.valueOf(management.getPort()));
            return new FailureAnalysis(
                    "The management port " + management.getPort() + " is in use." + origin(setting),
                    "Stop what uses the port, or choose another with " + setting + ".",
                    management);
        }
        BindException address = findCause(rootFailure, BindException.class);
        if (address != null && findCause(rootFailure, WebServerException.class) != null) {
            String setting = managementSetting("address", null);
            return new FailureAnalysis(
                    "The management port cannot listen on the address " + environment.getProperty(setting) + ": "
                            + address.getMessage() + "." + origin(setting),
                    "Set " + setting + " to an address of this machine, or remove it to listen on all.",
                    address);
        }
        ApplicationContextException start = findCause(rootFailure, ApplicationContextException.class);
        return start == null ? null : grpcPort(start);
    }

    private @Nullable FailureAnalysis grpcPort(ApplicationContextException cause) {
        String address = environment.getProperty("grpc.server.address", "*");
        String message =
                String.valueOf(NestedExceptionUtils.getMostSpecificCause(cause).getMessage());
        if (message.contains("not an IP string literal")) {
            return new FailureAnalysis(
                    "The setting grpc.server.address is \"" + address + "\", which is not an address."
                            + origin("grpc.server.address"),
                    "Set it to an IP address of this machine, to * for all of them, or to unix:PATH.",
                    cause);
        }
        if (!message.contains("bind")) {
            return null;
        }
        boolean file = address.startsWith("unix:");
        String place =
                file ? address : "port " + environment.getProperty("grpc.server.port") + " of address " + address;
        return new FailureAnalysis(
                "The gRPC server cannot listen on " + place + ": " + message
                        + origin(file ? "grpc.server.address" : "grpc.server.port, grpc.server.address"),
                "Stop what uses the port, or choose another with grpc.server.port or grpc.server.address.",
                cause);
    }

    /** Returns the setting of the management port that applies: one of its own, or that of the only HTTP port. */
    private String managementSetting(String name, @Nullable String value) {
        String own = "management.server." + name;
        String set = environment.getProperty(own);
        return set != null && (value == null || value.equals(set)) ? own : "server." + name;
    }

    private String origin(String settings) {
        return SettingOrigin.ofNamed(settings, environment);
    }
}
