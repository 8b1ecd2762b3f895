package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.registry.otlp.OtlpMetricsSender;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.testing.trace.TestSpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A collector that is away. */
@ExtendWith(OutputCaptureExtension.class)
class FailedExportsTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(ExportAutoConfiguration.class);

    @Test
    void failedMetricsAreOneLineWithTheReason(CapturedOutput output) {
        OtlpMetricsSender away = request -> {
            throw new Exception(new ConnectException("refused\nby the collector"));
        };
        application
                .withBean("sender", OtlpMetricsSender.class, () -> away)
                .run(context -> context.getBean(OtlpMetricsSender.class)
                        .send(OtlpMetricsSender.Request.builder(new byte[0])
                                .address("http://collector:4318/v1/metrics")
                                .build()));

        assertThat(output.getOut().lines().filter(line -> line.contains("collector")))
                .singleElement()
                .asString()
                .contains("Failed to export metrics to http://collector:4318/v1/metrics. ")
                .endsWith("ConnectException: refused\\u000aby the collector");
        assertThat(output).doesNotContain("\tat ");
    }

    @Test
    void failedTracesAreOneLineWithTheReason() throws InterruptedException {
        Logger log = Logger.getLogger("io.opentelemetry.exporter.internal.http.HttpExporter");
        Lines lines = new Lines();
        log.addHandler(lines);
        application.run(context -> {
            try (OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                    .setEndpoint("http://127.0.0.1:1/v1/traces")
                    .setRetryPolicy(null)
                    .build()) {
                exporter.export(List.of(span())).join(10, TimeUnit.SECONDS);
            }
        });

        LogRecord line = lines.queue.poll(10, TimeUnit.SECONDS);
        log.removeHandler(lines);
        assertThat(line).isNotNull();
        assertThat(line.getThrown()).isNull();
        assertThat(line.getMessage())
                .contains("Failed to export spans.")
                .endsWith("java.net.ConnectException: Failed to connect to /127.0.0.1:1");
    }

    private static TestSpanData span() {
        return TestSpanData.builder()
                .setName("span")
                .setKind(SpanKind.SERVER)
                .setStartEpochNanos(1)
                .setEndEpochNanos(2)
                .setStatus(StatusData.ok())
                .setHasEnded(true)
                .build();
    }

    private static final class Lines extends Handler {

        final BlockingQueue<LogRecord> queue = new LinkedBlockingQueue<>();

        @Override
        public void publish(LogRecord line) {
            queue.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
