package dev.greeter.server.call;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;

/** Bounds how long a stop waits for the last traces to leave: by itself OpenTelemetry waits ten seconds. */
final class TraceExport implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(TraceExport.class);

    private static final long SECONDS = 2;

    private final OpenTelemetrySdk telemetry;

    TraceExport(OpenTelemetrySdk telemetry) {
        this.telemetry = telemetry;
    }

    /** Before the beans are closed that it is made of: they have no second end. */
    @Override
    public void destroy() {
        if (!telemetry.shutdown().join(SECONDS, TimeUnit.SECONDS).isSuccess()) {
            log.warn("The last traces are lost: their collector has not taken them within {} s of the stop", SECONDS);
        }
    }
}
