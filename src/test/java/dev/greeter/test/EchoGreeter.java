package dev.greeter.test;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * Answers each request with an empty reply, and holds a stream open as long as its caller does; never reads those of
 * {@code SayHelloStreamRequest}.
 */
public final class EchoGreeter extends GreeterGrpc.GreeterImplBase {

    @Override
    public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        replies.onNext(HelloReply.getDefaultInstance());
        replies.onCompleted();
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
        ((ServerCallStreamObserver<HelloReply>) replies).disableAutoRequest();
        return sayHelloBidiStream(replies);
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
