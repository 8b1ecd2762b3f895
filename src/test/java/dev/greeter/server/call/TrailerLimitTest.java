package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.DebugInfo;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.ErrorStatus;
import dev.greeter.service.Refusals;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures too large for a client with the usual limit, over HTTP/2. */
class TrailerLimitTest {

    private static final Metadata.Key<String> OWN = Metadata.Key.of("own", Metadata.ASCII_STRING_MARSHALLER);

    private final AtomicReference<StatusRuntimeException> failure = new AtomicReference<>();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new FailingGreeter())
                .intercept(new CallEndInterceptor(new Refusals(new SimpleMeterRegistry())))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @ParameterizedTest
    @CsvSource({"x,1", "é,6", "李,9", "😀,12", "%,3"})
    void aLongMessageIsCutAtACodePoint(String character, int encodedBytes) {
        StatusRuntimeException seen =
                seen(Status.NOT_FOUND.withDescription(character.repeat(10_000)).asRuntimeException());

        assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(seen.getStatus().getDescription()).isEqualTo(character.repeat((1_000 - 3) / encodedBytes) + "...");
    }

    @Test
    void aMessageThatFitsIsSentAsItIs() {
        String message = "x".repeat(7_000);

        assertThat(seen(Status.NOT_FOUND.withDescription(message).asRuntimeException())
                        .getStatus()
                        .getDescription())
                .isEqualTo(message);
    }

    @Test
    void violationsThatDoNotFitAreCounted() throws InvalidProtocolBufferException {
        BadRequest.Builder request = BadRequest.newBuilder();
        for (int i = 0; i < 1_000; i++) {
            request.addFieldViolationsBuilder()
                    .setField("field" + i)
                    .setReason("FIELD_WRONG")
                    .setDescription("ist falsch: " + "ß".repeat(i % 7 * 100));
        }

        StatusRuntimeException seen = seen(ErrorStatus.of(
                Code.INVALID_ARGUMENT,
                "REQUEST_INVALID",
                "ß".repeat(5_000),
                request.build(),
                ErrorStatus.retryAfter(7)));

        com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(seen));
        assertThat(seen.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDetails(0).unpack(ErrorInfo.class).getReason()).isEqualTo("REQUEST_INVALID");
        BadRequest sent = status.getDetails(1).unpack(BadRequest.class);
        assertThat(sent.getFieldViolationsCount()).isBetween(10, 100);
        assertThat(sent.getFieldViolations(0).getField()).isEqualTo("field0");
        assertThat(status.getDetails(2).unpack(RetryInfo.class).getRetryDelay().getSeconds())
                .isEqualTo(7);
        assertThat(seen.getStatus().getDescription())
                .isEqualTo(status.getMessage())
                .startsWith("ßßß")
                .endsWith("... (" + (1_000 - sent.getFieldViolationsCount()) + " violations are omitted.)");
    }

    @Test
    void aDetailThatCannotBeShortenedIsLeftOut() throws InvalidProtocolBufferException {
        StatusRuntimeException seen = seen(ErrorStatus.of(
                Code.ABORTED,
                "TORN",
                "torn",
                DebugInfo.newBuilder().setDetail("x".repeat(9_000)).build(),
                ErrorStatus.retryAfter(7)));

        com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(seen));
        assertThat(status.getMessage()).isEqualTo("torn");
        assertThat(status.getDetailsList())
                .extracting(Any::getTypeUrl)
                .containsExactly(
                        "type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.RetryInfo");
    }

    @Test
    void whatAServiceAddsItselfStaysAndCountsToo() {
        Metadata trailers = new Metadata();
        trailers.put(OWN, "y".repeat(5_000));

        StatusRuntimeException seen =
                seen(Status.NOT_FOUND.withDescription("x".repeat(5_000)).asRuntimeException(trailers));

        assertThat(seen.getStatus().getDescription()).startsWith("xxx").hasSize(1_000);
        assertThat(Objects.requireNonNull(seen.getTrailers()).get(OWN)).hasSize(5_000);
    }

    private StatusRuntimeException seen(StatusRuntimeException thrown) {
        failure.set(thrown);
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> GreeterGrpc.newBlockingStub(channel).sayHello(HelloRequest.getDefaultInstance()));
    }

    private final class FailingGreeter extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onError(failure.get());
        }
    }
}
