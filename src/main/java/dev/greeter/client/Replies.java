package dev.greeter.client;

import dev.greeter.proto.helloworld.HelloReply;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Collects the replies of an asynchronous call until it ends. */
final class Replies implements StreamObserver<HelloReply> {

    private final List<HelloReply> replies = new ArrayList<>();
    private final CompletableFuture<List<HelloReply>> received = new CompletableFuture<>();

    Future<List<HelloReply>> received() {
        return received;
    }

    @Override
    public void onNext(HelloReply reply) {
        replies.add(reply);
    }

    @Override
    public void onError(Throwable failure) {
        received.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        received.complete(replies);
    }
}
