package dev.greeterbench;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.stub.StreamObserver;

/** The contract as a quick start would implement it: no checks, no languages, no flow control. */
public class HelloService extends GreeterGrpc.GreeterImplBase {

    /** As many replies as Greeter streams; bench/run checks that it is so. */
    private static final int LANGUAGES = 20;

    @Override
    public final void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        replies.onNext(reply(request.getName()));
        replies.onCompleted();
    }

    @Override
    public final void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
        for (int i = 0; i < LANGUAGES; i++) {
            replies.onNext(reply(request.getName()));
        }
        replies.onCompleted();
    }

    @Override
    public final StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
        StringBuilder names = new StringBuilder();
        return new StreamObserver<>() {
            @Override
            public void onNext(HelloRequest request) {
                if (!names.isEmpty()) {
                    names.append(", ");
                }
                names.append(request.getName());
            }

            @Override
            public void onError(Throwable cancelled) {}

            @Override
            public void onCompleted() {
                replies.onNext(reply(names.toString()));
                replies.onCompleted();
            }
        };
    }

    @Override
    public final StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(HelloRequest request) {
                replies.onNext(reply(request.getName()));
            }

            @Override
            public void onError(Throwable cancelled) {}

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    private static HelloReply reply(String name) {
        return HelloReply.newBuilder().setMessage("Hello, " + name + "!").build();
    }
}
