package dev.greeter.server;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.annotation.Order;

/** Names the setting of a management port that is in use; Spring Boot's own analysis names the port alone. */
@Order(0)
final class ManagementPortFailureAnalyzer extends AbstractFailureAnalyzer<PortInUseException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
        return new FailureAnalysis(
                "The management port " + cause.getPort() + " is in use.",
                "Stop what uses the port, or choose another with server.port.",
                cause);
    }
}
