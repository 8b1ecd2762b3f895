package dev.greeter.server.call;

import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.util.List;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Gives each failed export one line in the log: the libraries write a stack trace for each. */
final class FailedExports {

    private static final org.slf4j.Logger log = LoggerFactory.getLogger(FailedExports.class);

    /** Held here, as java.util.logging forgets loggers, with their filters, that nobody holds. */
    private static final List<Logger> EXPORTERS = Stream.of("http.HttpExporter", "grpc.GrpcExporter")
            .map(exporter -> Logger.getLogger("io.opentelemetry.exporter.internal." + exporter))
            .toList();

    private FailedExports() {}

    /** Lets what OpenTelemetry sends, such as traces, fail with one line. */
    static void shorten() {
        EXPORTERS.forEach(exporter -> exporter.setFilter(FailedExports::shorten));
    }

    private static boolean shorten(LogRecord line) {
        Throwable failure = line.getThrown();
        if (failure != null) {
            line.setMessage(line.getMessage() + " " + LogText.of(failure.toString()));
            line.setThrown(null);
        }
        return true;
    }

    /** Returns a sender of metrics whose failures are one line. */
    static OtlpMetricsSender shortened(OtlpMetricsSender sender) {
        return request -> {
            try {
                sender.send(request);
            } catch (Exception e) {
                log.warn(
                        "Failed to export metrics to {}. {}",
                        request.getAddress(),
                        LogText.of(String.valueOf(e.getMessage())));
            }
        };
    }
}
