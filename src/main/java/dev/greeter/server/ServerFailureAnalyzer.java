package dev.greeter.server;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ApplicationContextException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/** Says which setting keeps the server from listening. */
final class ServerFailureAnalyzer extends AbstractFailureAnalyzer<ApplicationContextException> {

    private final Environment environment;

    ServerFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, ApplicationContextException cause) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
        String address = environment.getProperty("grpc.server.address", "*");
        String message = String.valueOf(root.getMessage());
        if (message.contains("not an IP string literal")) {
            return new FailureAnalysis(
                    "The setting grpc.server.address is \"" + address + "\", which is not an address.",
                    "Set it to an IP address of this machine, to * for all of them, or to unix:PATH.",
                    cause);
        }
        if (!message.contains("bind")) {
            return null;
        }
        return new FailureAnalysis(
                "The gRPC server cannot listen on port " + environment.getProperty("grpc.server.port") + " of address "
                        + address + ": " + message,
                "Stop what uses the port, or choose another with grpc.server.port or grpc.server.address.",
                cause);
    }
}
