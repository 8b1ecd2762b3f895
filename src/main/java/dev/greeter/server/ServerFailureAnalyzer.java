package dev.greeter.server;

import java.io.IOException;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Says which setting keeps the server from binding its port. */
final class ServerFailureAnalyzer extends AbstractFailureAnalyzer<IOException> {

    private final Environment environment;

    ServerFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IOException cause) {
        String message = String.valueOf(cause.getMessage());
        if (!message.startsWith("Failed to bind")) {
            return null;
        }
        return new FailureAnalysis(
                "The gRPC server cannot listen on port " + environment.getProperty("grpc.server.port") + " of address "
                        + environment.getProperty("grpc.server.address", "*") + ": " + reason(cause),
                "Stop what uses the port, or choose another with grpc.server.port.",
                cause);
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof BindException ? String.valueOf(root.getMessage()) : root.toString();
    }
}
