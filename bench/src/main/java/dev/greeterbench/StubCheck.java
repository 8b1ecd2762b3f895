package dev.greeterbench;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Calls all four kinds through a generated stub and fails when an answer is not what the contract says. */
public final class StubCheck {

    private StubCheck() {}

    /** @param args the port, the file of the server's certificate or a dash, and headers as {@code name: value} */
    public static void main(String[] args) throws Exception {
        ManagedChannel channel = Grpc.newChannelBuilder("localhost:" + args[0], credentials(args[1]))
                .build();
        Metadata headers = new Metadata();
        for (String header : List.of(args).subList(2, args.length)) {
            String[] parts = header.split(": ", 2);
            headers.put(Metadata.Key.of(parts[0], Metadata.ASCII_STRING_MARSHALLER), parts[1]);
        }
        GreeterGrpc.GreeterStub stub = GreeterGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
        HelloRequest ann = HelloRequest.newBuilder().setName("Ann").build();
        HelloRequest bob = HelloRequest.newBuilder().setName("Bob").build();

        Replies unary = new Replies();
        stub.sayHello(ann, unary);
        unary.expect(1, "Ann");

        Replies streamed = new Replies();
        stub.sayHelloStreamReply(ann, streamed);
        streamed.expect(20, "Ann");

        Replies gathered = new Replies();
        StreamObserver<HelloRequest> names = stub.sayHelloStreamRequest(gathered);
        names.onNext(ann);
        names.onNext(bob);
        names.onCompleted();
        gathered.expect(1, "Ann, Bob");

        Replies echoed = new Replies();
        StreamObserver<HelloRequest> requests = stub.sayHelloBidiStream(echoed);
        requests.onNext(bob);
        requests.onNext(bob);
        requests.onCompleted();
        echoed.expect(2, "Bob");

        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    private static ChannelCredentials credentials(String certificate) throws IOException {
        return certificate.equals("-")
                ? InsecureChannelCredentials.create()
                : TlsChannelCredentials.newBuilder()
                        .trustManager(new File(certificate))
                        .build();
    }

    private static final class Replies implements StreamObserver<HelloReply> {

        private final List<String> messages = new java.util.ArrayList<>();
        private final CompletableFuture<List<String>> all = new CompletableFuture<>();

        @Override
        public void onNext(HelloReply reply) {
            messages.add(reply.getMessage());
        }

        @Override
        public void onError(Throwable failure) {
            all.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            all.complete(messages);
        }

        void expect(int count, String name) throws Exception {
            List<String> replies = all.get(20, TimeUnit.SECONDS);
            if (replies.size() != count || !replies.stream().allMatch(reply -> reply.contains(name))) {
                throw new IllegalStateException("Expected " + count + " replies with " + name + ", got " + replies);
            }
        }
    }
}
