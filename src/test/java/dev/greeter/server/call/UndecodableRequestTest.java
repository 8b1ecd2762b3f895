package dev.greeter.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.io.ByteStreams;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Refusals;
import dev.greeter.test.ReplyRecorder;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The answer to bytes that are not a request. */
@ExtendWith(OutputCaptureExtension.class)
class UndecodableRequestTest {

    private static final int MAX_MESSAGE = 1_024;

    private final CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    private final Collector collector = new Collector();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE)
                .decompressorRegistry(DecompressorRegistry.getDefaultInstance().with(new LazyGzip(), true))
                .addService(UndecodableRequest.tolerate(collector.bindService()))
                .intercept(new CallEndInterceptor(new Refusals(new SimpleMeterRegistry())))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .compressorRegistry(compressors)
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop(CapturedOutput output) {
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(output).doesNotContain("Exception", "failed with");
    }

    @Test
    void aRequestIsStillDecoded() {
        HelloRequest request = HelloRequest.newBuilder().setName("Ada").build();

        assertThat(GreeterGrpc.newBlockingStub(channel).sayHello(request).getMessage())
                .isEqualTo("Ada");
    }

    @Test
    void bytesThatAreNoProtobufAreInternal() {
        assertThat(send(new byte[] {10, 100, 'x'})).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void textThatIsNoUtf8IsInternal() {
        assertThat(send(new byte[] {10, 1, (byte) 0xff})).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void aMessageThatIsNotCompressedAsItSaysIsInternal() {
        compressors.register(new NotGzip());

        assertThat(send(new byte[] {10, 1, 'x'}, CallOptions.DEFAULT.withCompression("gzip")))
                .isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void aMessageThatInflatesBeyondTheLimitIsResourceExhausted() {
        compressors.register(new Codec.Gzip());
        byte[] bomb = HelloRequest.newBuilder()
                .setName("x".repeat(100 * MAX_MESSAGE))
                .build()
                .toByteArray();

        assertThat(send(bomb, CallOptions.DEFAULT.withCompression("gzip"))).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void aCompressedMessageIsDecoded() {
        compressors.register(new Codec.Gzip());
        HelloRequest request = HelloRequest.newBuilder().setName("Ada").build();

        assertThat(GreeterGrpc.newBlockingStub(channel)
                        .withCompression("gzip")
                        .sayHello(request)
                        .getMessage())
                .isEqualTo("Ada");
    }

    @Test
    void aServiceLearnsThatItsStreamIsOver() {
        MethodDescriptor<byte[], HelloReply> method = raw(GreeterGrpc.getSayHelloStreamRequestMethod());
        StreamObserver<byte[]> requests = ClientCalls.asyncClientStreamingCall(
                channel.newCall(method, CallOptions.DEFAULT), new ReplyRecorder<>());

        requests.onNext(new byte[] {10, 100, 'x'});

        assertThat(Status.fromThrowable(collector.failure.join()).getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    @Test
    void aMethodOfOneRequestRefusesAnyOtherNumber() {
        for (MethodDescriptor<HelloRequest, HelloReply> method :
                List.of(GreeterGrpc.getSayHelloMethod(), GreeterGrpc.getSayHelloStreamReplyMethod())) {
            for (int requests : new int[] {0, 2, 3}) {
                assertThat(send(method, requests).getCode())
                        .as("%s with %d requests", method.getBareMethodName(), requests)
                        .isEqualTo(Status.Code.UNIMPLEMENTED);
            }
            assertThat(send(method, 1).getCode()).isEqualTo(Status.Code.OK);
        }
    }

    private Status send(MethodDescriptor<HelloRequest, HelloReply> method, int requests) {
        CallEnd end = new CallEnd();
        ClientCall<HelloRequest, HelloReply> call = channel.newCall(
                method.toBuilder()
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build(),
                CallOptions.DEFAULT);
        call.start(end, new Metadata());
        call.request(1);
        for (int i = 0; i < requests; i++) {
            call.sendMessage(HelloRequest.getDefaultInstance());
        }
        call.halfClose();
        return end.status.join();
    }

    private Status.Code send(byte[] message) {
        return send(message, CallOptions.DEFAULT);
    }

    private Status.Code send(byte[] message, CallOptions options) {
        return catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(
                                channel, raw(GreeterGrpc.getSayHelloMethod()), options, message))
                .getStatus()
                .getCode();
    }

    private static <RespT> MethodDescriptor<byte[], RespT> raw(MethodDescriptor<?, RespT> method) {
        return method.toBuilder(new Bytes(), method.getResponseMarshaller()).build();
    }

    private static final class CallEnd extends ClientCall.Listener<HelloReply> {

        private final CompletableFuture<Status> status = new CompletableFuture<>();

        @Override
        public void onClose(Status status, Metadata trailers) {
            this.status.complete(status);
        }
    }

    private static final class Bytes implements Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return ByteStreams.toByteArray(stream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Declares gzip and sends the bytes uncompressed. */
    private static final class NotGzip implements io.grpc.Compressor {

        @Override
        public String getMessageEncoding() {
            return "gzip";
        }

        @Override
        public OutputStream compress(OutputStream stream) {
            return stream;
        }
    }

    private static final class Collector extends GreeterGrpc.GreeterImplBase {

        private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder().setMessage(request.getName()).build());
            replies.onCompleted();
        }

        @Override
        public void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onCompleted();
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
            return new StreamObserver<>() {
                @Override
                public void onNext(HelloRequest request) {}

                @Override
                public void onError(Throwable cancelled) {
                    failure.complete(cancelled);
                }

                @Override
                public void onCompleted() {}
            };
        }
    }
}
