package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

class ExportFilterTest {

    @ParameterizedTest
    @CsvSource({
        "service.name, greeter, false, false",
        ExportFilter.TRACES + ", http://localhost:4318, true, false",
        ExportFilter.METRICS + ", http://localhost:4318, false, true",
        ExportFilter.TRACING + ", true, true, false",
        ExportFilter.TRACING + ", false, false, false",
    })
    void whatHasNowhereToSendToIsOmitted(String setting, String value, boolean traces, boolean metrics) {
        MockEnvironment environment = new MockEnvironment().withProperty(setting, value);
        ExportFilter filter = new ExportFilter();
        filter.setEnvironment(environment);

        assertThat(filter.matches("org.springframework.boot.micrometer.tracing.autoconfigure.Tracing"))
                .isEqualTo(traces);
        assertThat(filter.matches("org.springframework.boot.opentelemetry.autoconfigure.Sdk"))
                .isEqualTo(traces);
        assertThat(filter.matches("net.ttddyy.observation.boot.autoconfigure.DataSource"))
                .isEqualTo(traces);
        assertThat(filter.matches("org.springframework.boot.micrometer.metrics.autoconfigure.export.otlp.Otlp"))
                .isEqualTo(metrics);
        assertThat(filter.matches("org.springframework.boot.jdbc.autoconfigure.DataSource"))
                .isTrue();
    }
}
