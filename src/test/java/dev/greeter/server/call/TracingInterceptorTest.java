package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.ReplyRecorder;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TracingInterceptorTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final HelloRequest ANNA =
            HelloRequest.newBuilder().setName("Anna").build();

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final SdkTracerProvider tracers = SdkTracerProvider.builder()
            .setSampler(Sampler.parentBased(Sampler.alwaysOff()))
            .addSpanProcessor(SimpleSpanProcessor.create(spans))
            .build();
    private final Greeter greeter = new Greeter();
    private final Server server = InProcessServerBuilder.forName("tracing")
            .directExecutor()
            .addService(greeter)
            .intercept(new TracingInterceptor(tracers.get("test"), W3CTraceContextPropagator.getInstance()))
            .build();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName("tracing").directExecutor().build();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        tracers.close();
    }

    @Test
    void aCallIsASpanOfTheTraceOfItsCaller() {
        GreeterGrpc.newBlockingStub(with("00-" + TRACE + "-b7ad6b7169203331-01"))
                .sayHello(ANNA);

        assertThat(span())
                .returns("helloworld.Greeter/SayHello", SpanData::getName)
                .returns(TRACE, SpanData::getTraceId)
                .returns("b7ad6b7169203331", SpanData::getParentSpanId)
                .returns("OK", span -> attribute(span, "grpc.status_code"))
                .returns("helloworld.Greeter", span -> attribute(span, "rpc.service"))
                .returns("SayHello", span -> attribute(span, "rpc.method"))
                .returns("UNARY", span -> attribute(span, "rpc.type"));
        assertThat(greeter.seen).extracting(SpanContext::getSpanId).containsExactly(span().getSpanId());
    }

    @Test
    void aCallThatIsNotSampledHasATraceIdAndNoSpan() {
        GreeterGrpc.newBlockingStub(with("00-" + TRACE + "-b7ad6b7169203331-00"))
                .sayHello(ANNA);
        GreeterGrpc.newBlockingStub(channel).sayHello(ANNA);

        assertThat(greeter.seen).hasSize(2).allMatch(SpanContext::isValid).noneMatch(SpanContext::isSampled);
        assertThat(greeter.seen.get(0).getTraceId()).isEqualTo(TRACE);
        assertThat(greeter.seen.get(1).getTraceId()).isNotEqualTo(TRACE);
        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void aTraceThatCannotBeReadIsReplaced() {
        GreeterGrpc.newBlockingStub(with("00-zero-b7ad6b7169203331-01")).sayHello(ANNA);

        assertThat(greeter.seen).singleElement().matches(SpanContext::isValid);
    }

    @Test
    void theSpanIsTheCurrentOneForEachMessageOfAStream() {
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        StreamObserver<HelloRequest> requests = GreeterGrpc.newStub(with("00-" + TRACE + "-b7ad6b7169203331-01"))
                .sayHelloBidiStream(replies);
        requests.onNext(ANNA);
        requests.onNext(ANNA);
        requests.onCompleted();

        assertThat(replies.all()).isEmpty();
        // The begin of the call, its messages, its half-close.
        assertThat(greeter.seen).hasSize(4).extracting(SpanContext::getSpanId).containsOnly(span().getSpanId());
        assertThat(Span.current().getSpanContext().isValid()).isFalse();
    }

    @Test
    void aCallThatTheServerFailsIsAnError() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> GreeterGrpc.newBlockingStub(with("00-" + TRACE + "-b7ad6b7169203331-01"))
                        .sayHello(HelloRequest.newBuilder().setName("INTERNAL").build()));

        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(attribute(span(), "grpc.status_code")).isEqualTo("INTERNAL");
    }

    @Test
    void aCallThatItsCallerGivesUpIsNoError() {
        Context.CancellableContext caller = Context.current().withCancellation();
        caller.run(() -> GreeterGrpc.newStub(with("00-" + TRACE + "-b7ad6b7169203331-01"))
                .sayHelloBidiStream(new ReplyRecorder<>()));
        caller.cancel(null);

        assertThat(attribute(span(), "grpc.status_code")).isEqualTo("CANCELLED");
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    }

    private static @Nullable String attribute(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }

    private Channel with(String traceparent) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private SpanData span() {
        return await().until(spans::getFinishedSpanItems, found -> !found.isEmpty())
                .get(0);
    }

    /** Records the span that is current while its code runs. */
    private static final class Greeter extends GreeterGrpc.GreeterImplBase {

        private final List<SpanContext> seen = new CopyOnWriteArrayList<>();

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> reply) {
            see();
            if (request.getName().equals("INTERNAL")) {
                reply.onError(Status.INTERNAL.asRuntimeException());
            } else {
                reply.onNext(HelloReply.getDefaultInstance());
                reply.onCompleted();
            }
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            see();
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {
                    see();
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    see();
                    replies.onCompleted();
                }
            };
        }

        private void see() {
            seen.add(Span.current().getSpanContext());
        }
    }
}
