package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import dev.greeter.service.ServiceAvailability;
import dev.greeter.test.InProcessTransport;
import dev.greeter.test.TestDatabases;
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
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
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
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole application, seen from outside: its metrics over HTTP, its traces at an exporter. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "greeter.client.enabled=false",
            "service.access[test.FailingService/Fail]=open",
            "management.endpoint.health.group.readiness-with-users.include=readinessState,services",
            "management.endpoint.health.group.readiness-with-users.status.order=NOT_SERVING,OUT_OF_SERVICE,DOWN,UP",
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

    private static final AttributeKey<String> QUERY = AttributeKey.stringKey("jdbc.query[0]");

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @GrpcClient("greeter")
    private UserServiceBlockingStub users;

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

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry settings) {
        settings.add("spring.datasource.url", TestDatabases.h2());
    }

    @Test
    void aCallIsOneTraceFromItsClientThroughItsServerToItsQuery() {
        User anna = users.createUser(CreateUserRequest.newBuilder()
                .setUser(User.newBuilder().setName("Anna").setEmail("anna@example.com"))
                .build());

        assertThat(users.getUser(GetUserRequest.newBuilder().setId(anna.getId()).build()))
                .isEqualTo(anna);

        SpanData server = serverSpan("users.v1.UserService/GetUser", "OK");
        await().untilAsserted(() -> assertThat(trace(server)).hasSize(3));
        List<SpanData> trace = trace(server);
        SpanData query = trace.stream()
                .filter(span -> span.getAttributes().get(QUERY) != null)
                .findFirst()
                .orElseThrow();
        assertThat(withCallers(query, trace))
                .extracting(
                        SpanData::getKind,
                        SpanData::getName,
                        span -> span.getStatus().getStatusCode())
                .containsExactly(
                        tuple(SpanKind.CLIENT, "query", StatusCode.OK),
                        tuple(SpanKind.SERVER, "users.v1.UserService/GetUser", StatusCode.UNSET),
                        tuple(SpanKind.CLIENT, "users.v1.UserService/GetUser", StatusCode.OK));
        assertThat(query.getAttributes().asMap().toString())
                .contains("from users where id = ?")
                .doesNotContain(anna.getId());
    }

    @Test
    void theClockOfTheMetersGoesOn() {
        Clock clock = context.getBean(MeterRegistry.class).config().clock();
        long now = clock.wallTime();

        await().untilAsserted(() -> assertThat(clock.wallTime()).isGreaterThan(now));
    }

    @Test
    void nothingButCallsBeginsATrace() throws Exception {
        get("/actuator/prometheus");
        greeter.sayHello(ANNA);
        serverSpan("helloworld.Greeter/SayHello", "OK");

        assertThat(spans.getFinishedSpanItems())
                .filteredOn(span -> !span.getParentSpanContext().isValid())
                .extracting(SpanData::getName)
                .allMatch(name -> name.contains("/"));
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
        assertThat(server.getStatus()).isEqualTo(StatusData.create(StatusCode.ERROR, "DATA_LOSS"));
        assertThat(failing.traceId).isEqualTo(server.getTraceId());
        assertThat(failing.thread).startsWith("worker-");
    }

    @Test
    void prometheusScrapesCallsByMethodAndStatusOnBothSides() throws Exception {
        assertThat(users.listUsers(ListUsersRequest.getDefaultInstance()).isInitialized())
                .isTrue();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> users.deleteUser(DeleteUserRequest.newBuilder()
                        .setId(UUID.randomUUID().toString())
                        .build()));

        await().untilAsserted(() -> assertThat(get("/actuator/prometheus").lines())
                .contains(
                        calls("server", "ListUsers", "OK"),
                        calls("server", "DeleteUser", "NOT_FOUND"),
                        calls("client", "ListUsers", "OK"),
                        calls("client", "DeleteUser", "NOT_FOUND"))
                .noneMatch(line -> line.matches("(grpc_server_seconds|grpc_client_seconds|spring_security|tasks_).*")));
    }

    @Test
    void prometheusScrapesRefusalsByReason() throws Exception {
        double refused = context.getBean(PrometheusMeterRegistry.class)
                .get("grpc.server.refusals")
                .tag("reason", "CREDENTIALS_MISSING")
                .functionCounter()
                .count();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> users.withCallCredentials(null).getUser(GetUserRequest.getDefaultInstance()));

        await().untilAsserted(() -> assertThat(get("/actuator/prometheus").lines())
                .contains(
                        "grpc_server_refusals_total{reason=\"CREDENTIALS_MISSING\"} " + (refused + 1.0),
                        calls("server", "GetUser", "UNAUTHENTICATED"),
                        calls("client", "GetUser", "UNAUTHENTICATED")));
    }

    private static String calls(String side, String method, String status) {
        return "grpc_%s_processing_duration_seconds_count{method=\"%s\",methodType=\"UNARY\",".formatted(side, method)
                + "service=\"users.v1.UserService\",statusCode=\"%s\"} 1".formatted(status);
    }

    @Test
    void theActuatorTellsTheChainTheMethodsAndWhatIsOff() throws Exception {
        JsonNode grpc = JsonMapper.shared().readTree(get("/actuator/grpc"));

        assertThat(grpc.get("interceptors").valueStream().map(JsonNode::asString))
                .containsSubsequence(
                        "TracingInterceptor",
                        "CallEndInterceptor",
                        "GrpcExceptionInterceptor",
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
        assertThat(servingStatus("")).isEqualTo(ServingStatus.SERVING);

        AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
        try {
            assertThat(respond("/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(servingStatus("")).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(get("/actuator/health/liveness")).contains("\"UP\"");
        } finally {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        }
        assertThat(servingStatus("")).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void aServiceThatIsUnavailableIsNotServingOverHttpAndOverGrpcAndTheServerServesOn() throws Exception {
        assertThat(get("/actuator/health/services/users.v1.UserService")).contains("\"UP\"");

        context.publishEvent(new ServiceAvailability("users.v1.UserService", false));
        try {
            assertThat(respond("/actuator/health/services/users.v1.UserService"))
                    .returns(503, HttpResponse::statusCode)
                    .satisfies(response -> assertThat(response.body()).contains("\"NOT_SERVING\""));
            assertThat(servingStatus("users.v1.UserService")).isEqualTo(ServingStatus.NOT_SERVING);

            JsonNode health = JsonMapper.shared().readTree(get("/actuator/health"));
            assertThat(health.get("status").asString()).isEqualTo("UP");
            assertThat(health.at("/components/services/components/users.v1.UserService/status")
                            .asString())
                    .isEqualTo("NOT_SERVING");
            assertThat(health.at("/components/services/components/helloworld.Greeter/status")
                            .asString())
                    .isEqualTo("UP");
            assertThat(health.at("/components/db").isMissingNode()).isTrue();
            assertThat(get("/actuator/health/readiness")).contains("\"UP\"");
            assertThat(servingStatus("")).isEqualTo(ServingStatus.SERVING);
            assertThat(respond("/actuator/health/readiness-with-users").statusCode())
                    .isEqualTo(503);
        } finally {
            context.publishEvent(new ServiceAvailability("users.v1.UserService", true));
        }
        assertThat(get("/actuator/health/services/users.v1.UserService")).contains("\"UP\"");
        assertThat(get("/actuator/health/readiness-with-users")).contains("\"UP\"");
    }

    /** Calls over a separate channel: the injected one follows the health of its server and would not call. */
    private ServingStatus servingStatus(String service) {
        ManagedChannel channel = InProcessChannelBuilder.forName(inProcessName).build();
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
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

    private List<SpanData> trace(SpanData part) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getTraceId().equals(part.getTraceId()))
                .toList();
    }

    private static List<SpanData> withCallers(SpanData span, List<SpanData> trace) {
        List<SpanData> path = new ArrayList<>(List.of(span));
        trace.stream()
                .filter(caller -> caller.getSpanId().equals(span.getParentSpanId()))
                .forEach(caller -> path.addAll(withCallers(caller, trace)));
        return path;
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

    /** Fails on a worker and records the trace id that its log lines would have. */
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
