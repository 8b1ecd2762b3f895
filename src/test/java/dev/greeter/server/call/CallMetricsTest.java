package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestSettings;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallMetricsTest {

    private static final HelloRequest REQUEST = HelloRequest.getDefaultInstance();
    private static final HelloReply REPLY = HelloReply.getDefaultInstance();

    private final DeadlineTimer timer = new DeadlineTimer();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final Service service = new Service();
    private final Server server = InProcessServerBuilder.forName("call-metrics")
            .directExecutor()
            .addStreamTracerFactory(
                    new CallTracers(Stream.of(service), TestSettings.with(DeadlineSettings.class), timer, meters))
            .addService(service)
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("call-metrics").directExecutor().build();
    private final GreeterGrpc.GreeterStub stub = GreeterGrpc.newStub(channel);

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        timer.close();
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    @Test
    void aUnaryCallIsTimedByItsMethodAndStatus() {
        long before = System.nanoTime();
        stub.sayHello(REQUEST, new ReplyRecorder<>());
        service.replies().onNext(REPLY);
        service.replies().onCompleted();
        long after = System.nanoTime();

        Timer timer = meters.get("grpc.server.processing.duration")
                .tags("service", "helloworld.Greeter", "method", "SayHello", "methodType", "UNARY", "statusCode", "OK")
                .timer();
        assertThat(timer.count()).isOne();
        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isBetween(1.0, (double) (after - before));
        assertThat(messages("grpc.server.requests.received", "SayHello")).isOne();
        assertThat(messages("grpc.server.responses.sent", "SayHello")).isOne();
    }

    @Test
    void aCallIsInFlightUntilItsEnd() {
        stub.sayHello(REQUEST, new ReplyRecorder<>());
        assertThat(active("SayHello")).isOne();

        service.replies().onNext(REPLY);
        service.replies().onCompleted();
        assertThat(active("SayHello")).isZero();
    }

    @Test
    void theMessagesOfAStreamAreCountedWhileItRuns() {
        StreamObserver<HelloRequest> requests = stub.sayHelloBidiStream(new ReplyRecorder<>());
        requests.onNext(REQUEST);
        requests.onNext(REQUEST);
        service.replies().onNext(REPLY);

        assertThat(messages("grpc.server.requests.received", "SayHelloBidiStream"))
                .isEqualTo(2);
        assertThat(messages("grpc.server.responses.sent", "SayHelloBidiStream")).isOne();
    }

    @Test
    void aFailureCountsUnderItsStatus() {
        stub.sayHello(REQUEST, new ReplyRecorder<>());
        service.replies().onError(Status.RESOURCE_EXHAUSTED.asRuntimeException());

        assertThat(calls("SayHello", "RESOURCE_EXHAUSTED")).isOne();
    }

    @Test
    void aCallThatItsCallerGivesUpCountsAsCancelled() {
        Context.CancellableContext caller = Context.current().withCancellation();
        caller.run(() -> stub.sayHello(REQUEST, new ReplyRecorder<>()));
        caller.cancel(null);

        assertThat(calls("SayHello", "CANCELLED")).isOne();
        assertThat(active("SayHello")).isZero();
    }

    @Test
    void aCallThatOutlivesItsDeadlineIsNoSuccess() {
        GreeterGrpc.GreeterBlockingStub impatient =
                GreeterGrpc.newBlockingStub(channel).withDeadlineAfter(500, TimeUnit.MILLISECONDS);
        assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> impatient.sayHello(REQUEST));

        await().untilAsserted(() -> assertThat(calls("SayHello", "CANCELLED") + calls("SayHello", "DEADLINE_EXCEEDED"))
                .isOne());
    }

    @Test
    void unknownMethodsShareOneName() {
        for (int i = 0; i < 50; i++) {
            String invented = "helloworld.Greeter/Method" + i;
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() ->
                            ClientCalls.blockingUnaryCall(channel, method(invented), CallOptions.DEFAULT, REQUEST));
        }

        assertThat(calls("unknown", "UNIMPLEMENTED")).isEqualTo(50);
        assertThat(active("unknown")).isZero();
        // Three for each known method from the start, and none for other names.
        assertThat(meters.getMeters())
                .hasSize(4 + 4 * 3)
                .extracting(meter -> meter.getId().getTag("method"))
                .containsOnly(
                        "SayHello", "SayHelloStreamReply", "SayHelloStreamRequest", "SayHelloBidiStream", "unknown");
    }

    private static MethodDescriptor<HelloRequest, HelloReply> method(String name) {
        return GreeterGrpc.getSayHelloMethod().toBuilder()
                .setFullMethodName(name)
                .build();
    }

    private long calls(String method, String status) {
        Timer timer = meters.find("grpc.server.processing.duration")
                .tags("method", method, "statusCode", status)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    private double messages(String name, String method) {
        return meters.get(name).tag("method", method).functionCounter().count();
    }

    private double active(String method) {
        return meters.get("grpc.server.processing.active")
                .tag("method", method)
                .gauge()
                .value();
    }

    /** Answers when the test says so. */
    private static final class Service extends GreeterGrpc.GreeterImplBase {

        private @Nullable StreamObserver<HelloReply> replies;

        StreamObserver<HelloReply> replies() {
            if (replies == null) {
                throw new AssertionError("No call has arrived");
            }
            return replies;
        }

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            this.replies = replies;
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            this.replies = replies;
            return new ReplyRecorder<>();
        }
    }
}
