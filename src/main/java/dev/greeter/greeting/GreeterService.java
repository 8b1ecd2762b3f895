package dev.greeter.greeting;

import com.google.protobuf.ByteString;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.NonBlocking;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import net.devh.boot.grpc.server.service.GrpcService;

/** Greets with the four kinds of call of gRPC; never blocks, so that it can run on the event loop. */
@NonBlocking
@GrpcService(interceptors = LanguageInterceptor.class)
final class GreeterService extends GreeterGrpc.GreeterImplBase {

    private final Languages languages;
    private final Context.Key<Language> language;

    GreeterService(Languages languages, Context.Key<Language> language) {
        this.languages = languages;
        this.language = language;
    }

    @Override
    public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        replies.onNext(reply(language.get(), request.getName()));
        replies.onCompleted();
    }

    @Override
    public void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
        Language own = language.get();
        String name = GreetingRefusedException.requireGreetable(request.getName(), own);
        // No flow control: all replies together are smaller than what gRPC buffers for one call.
        replies.onNext(reply(own.greet(name)));
        for (Language other : languages.all()) {
            if (!other.equals(own)) {
                replies.onNext(reply(other.greet(name)));
            }
        }
        replies.onCompleted();
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
        // Requests all messages at once: each is processed when it arrives, and more are refused.
        ServerCallStreamObserver<HelloReply> call = (ServerCallStreamObserver<HelloReply>) replies;
        call.disableAutoRequest();
        call.request(NameCollector.MAX_NAMES + 1);
        return new NameCollector(language.get(), names -> {
            replies.onNext(reply(language.get().greet(names)));
            replies.onCompleted();
        });
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
        Language own = language.get();
        return new PacedReplies<>(
                (ServerCallStreamObserver<HelloReply>) replies, request -> reply(own, request.getName()));
    }

    private static HelloReply reply(Language language, String name) {
        return reply(language.greet(GreetingRefusedException.requireGreetable(name, language)));
    }

    private static HelloReply reply(String message) {
        // Encoded by the JDK in one pass; protobuf would first count the bytes of a string, character by character.
        return HelloReply.newBuilder()
                .setMessageBytes(ByteString.copyFromUtf8(message))
                .build();
    }
}
