package dev.greeter.test;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.stub.StreamObserver;

/** Answers each request with an empty reply, and holds a stream open as long as its caller does. */
public final class EchoGreeter extends GreeterGrpc.GreeterImplBase {

    @Override
    public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        replies.onNext(HelloReply.getDefaultInstance());
        replies.onCompleted();
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(HelloRequest request) {
                replies.onNext(HelloReply.getDefaultInstance());
            }

            @Override
            public void onError(Throwable failure) {
                replies.onError(failure);
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }
}
