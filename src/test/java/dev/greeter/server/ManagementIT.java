package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.greeter.test.JarProcess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The management port of the packaged application, and the traces that it sends to a collector. */
class ManagementIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final List<ExportTraceServiceRequest> traces = new CopyOnWriteArrayList<>();
    private static final List<ExportMetricsServiceRequest> metrics = new CopyOnWriteArrayList<>();

    private static HttpServer collector;
    private static JarProcess server;

    @BeforeAll
    static void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext(
                "/v1/traces", exchange -> traces.add(ExportTraceServiceRequest.parseFrom(body(exchange))));
        collector.createContext(
                "/v1/metrics", exchange -> metrics.add(ExportMetricsServiceRequest.parseFrom(body(exchange))));
        collector.start();
        String address = "http://127.0.0.1:" + collector.getAddress().getPort();
        server = JarProcess.start(
                "--grpc.server.port=0",
                "--greeter.client.timeout=30s",
                "--management.opentelemetry.tracing.export.otlp.endpoint=" + address + "/v1/traces",
                "--management.tracing.sampling.probability=1",
                "--management.otlp.metrics.export.url=" + address + "/v1/metrics",
                "--management.otlp.metrics.export.step=1s");
    }

    @AfterAll
    static void stop() {
        server.close();
        collector.stop(0);
    }

    private static byte[] body(HttpExchange exchange) throws IOException {
        try (exchange) {
            InputStream sent = exchange.getRequestBody();
            byte[] body = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                    ? new GZIPInputStream(sent).readAllBytes()
                    : sent.readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            return body;
        }
    }

    @Test
    void theCallOfTheStartIsOneTraceAtTheCollector() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(spans()).hasSize(2));

        Span client = span(Span.SpanKind.SPAN_KIND_CLIENT);
        Span called = span(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(List.of(client.getName(), called.getName())).containsOnly("helloworld.Greeter/SayHello");
        assertThat(called.getTraceId()).isEqualTo(client.getTraceId());
        assertThat(called.getParentSpanId()).isEqualTo(client.getSpanId());
        assertThat(traces)
                .allSatisfy(export -> assertThat(
                                export.getResourceSpans(0).getResource().getAttributesList())
                        .anyMatch(attribute -> attribute.getKey().equals("service.name")
                                && attribute.getValue().getStringValue().equals("greeter")));
    }

    @Test
    void theCallOfTheStartIsCountedAtTheCollector() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(timers())
                        .anySatisfy(timer -> assertThat(timer.getAttributesList())
                                .extracting(tag ->
                                        tag.getKey() + "=" + tag.getValue().getStringValue())
                                .contains("service=helloworld.Greeter", "method=SayHello", "statusCode=OK")));
    }

    @Test
    void theRootNamesTheEndpoints() throws Exception {
        assertThat(get("/").at("/_links").propertyNames()).contains("health", "prometheus", "grpc");
    }

    @Test
    void infoTellsBuildAndVersions() throws Exception {
        JsonNode info = get("/actuator/info");

        assertThat(info.at("/build/artifact").asString()).isEqualTo("greeter");
        assertThat(info.at("/build/version").asString()).isNotBlank();
        assertThat(info.at("/java/version").asString()).isEqualTo(System.getProperty("java.version"));
        assertThat(info.at("/versions").propertyNames())
                .containsExactlyInAnyOrder("spring-boot", "grpc", "grpc-spring", "protobuf");
        assertThat(info.at("/versions").valueStream().map(JsonNode::asString))
                .allMatch(version -> version.matches("\\d+\\.\\d+.*"));
    }

    @Test
    void infoTellsTheCommitWhereThereIsOne() throws Exception {
        assumeThat(Path.of(".git")).exists();

        assertThat(get("/actuator/info").at("/git/commit/id").asString()).matches("[0-9a-f]{7,}");
    }

    @Test
    @DisabledIfSystemProperty(named = "offline", matches = "true")
    void theBillOfMaterialsNamesWhatTheJarIsMadeOf() throws Exception {
        JsonNode bill = get("/actuator/sbom/application");

        assertThat(bill.at("/bomFormat").asString()).isEqualTo("CycloneDX");
        assertThat(bill.at("/metadata/component/name").asString()).isEqualTo("greeter");
        assertThat(bill.at("/components")
                        .valueStream()
                        .map(part -> part.at("/name").asString()))
                .contains("grpc-netty-shaded", "spring-boot", "protobuf-java");
    }

    private static JsonNode get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.managementPort() + path);
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(response.body());
    }

    private static List<Span> spans() {
        return traces.stream()
                .flatMap(export -> export.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    private static Span span(Span.SpanKind kind) {
        return spans().stream()
                .filter(span -> span.getKind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static List<HistogramDataPoint> timers() {
        return metrics.stream()
                .flatMap(export -> export.getResourceMetricsList().stream())
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .filter(metric -> metric.getName().equals("grpc.server.processing.duration"))
                .flatMap(metric -> metric.getHistogram().getDataPointsList().stream())
                .toList();
    }
}
