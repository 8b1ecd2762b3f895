package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.InProcessTransport;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.service.GrpcService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.ContextConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole application, seen from outside: its metrics over HTTP, its traces at an exporter. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "greeter.client.enabled=false",
            "greeter.server.access[test.FailingService/Fail]=open",
            "management.opentelemetry.tracing.export.otlp.endpoint=http://exporter.invalid",
            "management.tracing.export.otlp.enabled=false",
            "management.opentelemetry.tracing.export.schedule-delay=10ms",
            "management.tracing.sampling.probability=1"
        })
@ContextConfiguration(initializers = InProcessTransport.class)
class ObservabilityTest {

    private static final HelloRequest ANNA =
            HelloRequest.newBuilder().setName("Anna").build();

    private static final AttributeKey<String> STATUS = AttributeKey.stringKey("grpc.status_code");

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @Autowired
    private InMemorySpanExporter spans;

    @Autowired
    private FailingService failing;

    @Autowired
    private ApplicationContext context;

    @LocalServerPort
    private int managementPort;

    @Value("${grpc.server.in-process-name}")
    private String inProcessName;

    @Test
    void aCallIsOneTraceFromItsClientToItsServer() {
        greeter.sayHello(ANNA);

        SpanData server = serverSpan("helloworld.Greeter/SayHello", "OK");
        await().untilAsserted(() -> assertThat(spans.getFinishedSpanItems())
                .filteredOn(span -> span.getKind() == SpanKind.CLIENT)
                .filteredOn(span -> span.getTraceId().equals(server.getTraceId()))
                .extracting(SpanData::getSpanId)
                .containsOnly(server.getParentSpanId()));
    }

    @Test
    void aRefusedCallIsNoFailureOfTheServersSpan() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> greeter.sayHello(HelloRequest.getDefaultInstance()));

        assertThat(serverSpan("helloworld.Greeter/SayHello", "INVALID_ARGUMENT")
                        .getStatus()
                        .getStatusCode())
                .isNotEqualTo(StatusCode.ERROR);
    }

    @Test
    void aFailureOnOurSideMarksTheSpanAndItsLogLinesNameTheTraceOnWorkersToo() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ClientCalls.blockingUnaryCall(
                        greeter.getChannel(), FailingService.METHOD, CallOptions.DEFAULT, ANNA));

        SpanData server = serverSpan("test.FailingService/Fail", "DATA_LOSS");
        assertThat(server.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failing.traceId).isEqualTo(server.getTraceId());
        assertThat(failing.thread).startsWith("worker-");
    }

    @Test
    void prometheusScrapesCallsByMethodAndStatus() throws Exception {
        greeter.sayHello(ANNA);

        await().untilAsserted(() -> assertThat(get("/actuator/prometheus"))
                .contains("grpc_server_processing_duration_seconds_count{method=\"SayHello\",methodType=\"UNARY\","
                        + "service=\"helloworld.Greeter\",statusCode=\"OK\"}")
                .doesNotContain("grpc_server_seconds", "grpc_client_seconds"));
    }

    @Test
    void theActuatorTellsTheChainTheMethodsAndWhatIsOff() throws Exception {
        JsonNode grpc = JsonMapper.shared().readTree(get("/actuator/grpc"));

        assertThat(grpc.get("interceptors").valueStream().map(JsonNode::asString))
                .containsSubsequence(
                        "ObservationGrpcServerInterceptor",
                        "ClosedCallInterceptor",
                        "GrpcExceptionInterceptor",
                        "DeadlineInterceptor",
                        "AuthenticationInterceptor",
                        "AuthorizationInterceptor");
        JsonNode sayHello = grpc.get("methods").get("helloworld.Greeter/SayHello");
        assertThat(sayHello.get("type").asString()).isEqualTo("UNARY");
        assertThat(sayHello.get("access").asString()).isEqualTo("open");
        assertThat(sayHello.get("executor").asString()).isEqualTo("event loop");
        assertThat(grpc.get("autoConfigurationsOff").propertyNames())
                .contains(
                        "GrpcServerMetricAutoConfiguration",
                        "GrpcServerMicrometerTraceAutoConfiguration",
                        "GrpcServerSecurityAutoConfiguration",
                        "GrpcClientMetricAutoConfiguration",
                        "GrpcClientMicrometerTraceAutoConfiguration");
    }

    @Test
    void readinessIsTheSameOverHttpAndOverGrpc() throws Exception {
        assertThat(get("/actuator/health/readiness")).contains("\"UP\"");
        assertThat(servingStatus()).isEqualTo(ServingStatus.SERVING);

        AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
        try {
            assertThat(respond("/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(servingStatus()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(get("/actuator/health/liveness")).contains("\"UP\"");
        } finally {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        }
        assertThat(servingStatus()).isEqualTo(ServingStatus.SERVING);
    }

    /** Asks over a channel of its own: the injected one follows the health of its server, and would not ask. */
    private ServingStatus servingStatus() {
        ManagedChannel channel = InProcessChannelBuilder.forName(inProcessName).build();
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = respond(path);
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private HttpResponse<String> respond(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://localhost:" + managementPort + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private SpanData serverSpan(String name, String status) {
        return await().until(
                        () -> spans.getFinishedSpanItems().stream()
                                .filter(span -> span.getKind() == SpanKind.SERVER)
                                .filter(span -> span.getName().equals(name))
                                .filter(span ->
                                        status.equals(span.getAttributes().get(STATUS)))
                                .toList(),
                        found -> !found.isEmpty())
                .get(0);
    }

    /** Fails on a worker and remembers what its log lines would show. */
    static final class FailingService implements BindableService {

        static final MethodDescriptor<HelloRequest, HelloReply> METHOD = GreeterGrpc.getSayHelloMethod().toBuilder()
                .setFullMethodName("test.FailingService/Fail")
                .build();

        private volatile @Nullable String traceId;
        private volatile @Nullable String thread;

        @Override
        public ServerServiceDefinition bindService() {
            return ServerServiceDefinition.builder("test.FailingService")
                    .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, replies) -> {
                        traceId = MDC.get("traceId");
                        thread = Thread.currentThread().getName();
                        replies.onError(Status.DATA_LOSS.asRuntimeException());
                    }))
                    .build();
        }
    }

    @TestConfiguration
    static class Exporter {

        @Bean
        InMemorySpanExporter spans() {
            return InMemorySpanExporter.create();
        }

        @Bean
        @GrpcService
        FailingService failing() {
            return new FailingService();
        }
    }
}
