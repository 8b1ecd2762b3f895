package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Refusals;
import dev.greeter.test.ReplyRecorder;
import dev.greeter.test.TestSettings;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls whose deadline passes, over a socket because only that has resets and trailers. */
class DeadlineTest {

    private final DeadlineTimer timer = new DeadlineTimer();
    private final SlowGreeter greeter = new SlowGreeter();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private @Nullable Server server;
    private @Nullable ManagedChannel channel;

    @AfterEach
    void stop() {
        timer.close();
        if (channel != null) {
            channel.shutdownNow();
        }
        if (server != null) {
            server.shutdownNow();
        }
    }

    @Test
    void aCallWithoutDeadlineGetsTheDefault() throws IOException {
        Channel client = start("default=100ms");

        assertThat(sayHello(client, "wait").getStatus())
                .returns(Status.Code.DEADLINE_EXCEEDED, Status::getCode)
                .returns("The deadline passed before the call was complete.", Status::getDescription);
    }

    @Test
    void callsThatEndLeaveTheOthersTheirDeadlines() throws IOException {
        Channel client = start("default=100ms");
        List<ReplyRecorder<HelloReply>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String name = i % 3 == 0 ? "wait" : "answer";
            ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
            GreeterGrpc.newStub(client)
                    .sayHello(HelloRequest.newBuilder().setName(name).build(), replies);
            if (name.equals("wait")) {
                waiting.add(replies);
            }
        }

        assertThat(waiting)
                .allSatisfy(replies ->
                        assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }

    @Test
    void aDeadlineBeyondTheLimitIsCutToIt() throws IOException {
        Channel client = asking(start("max=100ms"), "1H");

        assertThat(sayHello(client, "wait").getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void theDeadlineOfTheCallerEndsTheCallByTrailers() throws IOException {
        // The client has no deadline: what it reports comes from the server.
        Channel client = asking(start(), "100m");

        assertThat(sayHello(client, "wait").getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void aDeadlineThatHasPassedAlreadyIsToldByTrailersToo() throws IOException {
        Channel client = asking(start(), "1n");

        assertThat(sayHello(client, "wait").getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    void aCallWithoutTimeIsNotAnswered() throws IOException {
        ManagedChannel client = start();
        for (String nothing : new String[] {"0n", "0u", "0m", "0S", "0M", "00000000H", "1n", "9n"}) {
            assertThat(sayHello(asking(client, nothing), "now").getStatus())
                    .as(nothing)
                    .returns(Status.Code.DEADLINE_EXCEEDED, Status::getCode)
                    .returns("The deadline passed before the call was complete.", Status::getDescription);
        }
    }

    @Test
    void aStreamHasADefaultOfItsOwn() throws IOException {
        Channel client = start("default=1ms", "default-stream=100ms");
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        GreeterGrpc.newStub(client).sayHelloBidiStream(replies);

        assertThat(replies.failure().getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(greeter.ends.poll()).isNull();
    }

    @Test
    void theWorkOfACallIsToldThatItsCallerIsGone() throws Exception {
        Channel client = start("default-stream=100ms");
        ReplyRecorder<HelloReply> replies = new ReplyRecorder<>();
        GreeterGrpc.newStub(client).sayHelloStreamReply(HelloRequest.getDefaultInstance(), replies);
        replies.failure();

        assertThat(greeter.ends.poll(5, TimeUnit.SECONDS)).isEqualTo("cancelled");
        ServerCallStreamObserver<HelloReply> call = greeter.streaming.get();
        assertThat(call.isCancelled()).isTrue();
        call.onNext(HelloReply.getDefaultInstance());
        call.onCompleted();
    }

    @Test
    void theContextOfWorkThatBlocksIsCancelled() throws IOException {
        Channel client = start("default=100ms");

        sayHello(client, "block");

        Awaitility.await().until(() -> "interrupted".equals(greeter.ends.peek()));
    }

    @Test
    void theContextCarriesTheDeadlineToOutgoingCalls() throws IOException {
        Channel client = start("default=20s");

        String remaining = GreeterGrpc.newBlockingStub(client)
                .sayHello(HelloRequest.newBuilder().setName("remaining").build())
                .getMessage();

        assertThat(Long.parseLong(remaining)).isBetween(15_000L, 20_000L);
    }

    @Test
    void aMalformedTimeoutIsRefused() throws IOException {
        ManagedChannel client = start();
        for (String malformed : new String[] {"", "S", "5", "-1S", "5 S", "1.5S", "123456789S", "5x", "٣S"}) {
            assertThat(sayHello(asking(client, malformed), "now").getStatus())
                    .as(malformed)
                    .returns(Status.Code.INTERNAL, Status::getCode)
                    .returns("The header grpc-timeout is malformed.", Status::getDescription);
        }
    }

    /** Several calls, because on a busy machine a call may reach the server long after its client started the clock. */
    @Test
    void aCallWhoseDeadlineItsCallerNoticesFirstCountsAsTheCallerSawIt() throws IOException {
        ManagedChannel client = start();

        Awaitility.await().until(() -> {
            StatusRuntimeException failure = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> GreeterGrpc.newBlockingStub(client)
                            .withDeadlineAfter(Duration.ofMillis(60))
                            .sayHello(HelloRequest.newBuilder().setName("wait").build()));
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            return calls("DEADLINE_EXCEEDED") > 0;
        });
    }

    @Test
    void aCallThatItsCallerGivesUpBeforeItsDeadlineCountsAsCancelled() throws IOException {
        GreeterGrpc.GreeterStub client = GreeterGrpc.newStub(start()).withDeadlineAfter(Duration.ofMinutes(1));
        Context.CancellableContext caller = Context.current().withCancellation();
        caller.run(() -> client.sayHelloBidiStream(new ReplyRecorder<>()));
        Awaitility.await()
                .until(() -> meters.find("grpc.server.processing.active").gauges().stream()
                        .anyMatch(active -> active.value() == 1));

        caller.cancel(null);

        Awaitility.await().until(() -> calls("CANCELLED") == 1);
    }

    private long calls(String status) {
        Timer timer = meters.find("grpc.server.processing.duration")
                .tag("statusCode", status)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    @Test
    void everyUnitOfATimeoutIsKnown() {
        assertThat(CallDeadlines.nanos("2H")).isEqualTo(Duration.ofHours(2).toNanos());
        assertThat(CallDeadlines.nanos("2M")).isEqualTo(Duration.ofMinutes(2).toNanos());
        assertThat(CallDeadlines.nanos("2S")).isEqualTo(Duration.ofSeconds(2).toNanos());
        assertThat(CallDeadlines.nanos("2m")).isEqualTo(2_000_000);
        assertThat(CallDeadlines.nanos("2u")).isEqualTo(2_000);
        assertThat(CallDeadlines.nanos("2n")).isEqualTo(2);
        assertThat(CallDeadlines.nanos("99999999H")).isEqualTo(Long.MAX_VALUE);
    }

    private static StatusRuntimeException sayHello(Channel client, String name) {
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> GreeterGrpc.newBlockingStub(client)
                        .sayHello(HelloRequest.newBuilder().setName(name).build()));
    }

    private ManagedChannel start(String... limits) throws IOException {
        Server started = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(greeter)
                .addStreamTracerFactory(new CallTracers(
                        Stream.of(greeter), TestSettings.with(DeadlineSettings.class, limits), timer, meters))
                .intercept(new CallEndInterceptor(new Refusals(new SimpleMeterRegistry())))
                .build()
                .start();
        server = started;
        ManagedChannel client = NettyChannelBuilder.forAddress("127.0.0.1", started.getPort())
                .usePlaintext()
                .build();
        channel = client;
        return client;
    }

    /** Sends a timeout in the headers without a deadline in the client. */
    private static Channel asking(Channel channel, String timeout) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER), timeout);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private static final class SlowGreeter extends GreeterGrpc.GreeterImplBase {

        private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        private final CompletableFuture<ServerCallStreamObserver<HelloReply>> streaming = new CompletableFuture<>();

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            switch (request.getName()) {
                case "wait" -> {}
                case "block" -> block();
                case "remaining" -> {
                    long millis = Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS);
                    replies.onNext(HelloReply.newBuilder()
                            .setMessage(Long.toString(millis))
                            .build());
                    replies.onCompleted();
                }
                default -> {
                    replies.onNext(HelloReply.getDefaultInstance());
                    replies.onCompleted();
                }
            }
        }

        private void block() {
            CountDownLatch cancelled = new CountDownLatch(1);
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            try {
                ends.add(cancelled.await(5, TimeUnit.SECONDS) ? "interrupted" : "forgotten");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
            ServerCallStreamObserver<HelloReply> call = (ServerCallStreamObserver<HelloReply>) replies;
            call.setOnCancelHandler(() -> ends.add("cancelled"));
            call.setOnCloseHandler(() -> ends.add("completed"));
            streaming.complete(call);
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return new ReplyRequests();
        }
    }

    private static final class ReplyRequests implements StreamObserver<HelloRequest> {

        @Override
        public void onNext(HelloRequest request) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
