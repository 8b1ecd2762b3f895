package dev.greeter.test;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Records what a streaming call delivers, for a test to wait on. */
public final class ReplyRecorder<T> implements StreamObserver<T> {

    private final List<T> replies = new CopyOnWriteArrayList<>();
    private final CompletableFuture<List<T>> end = new CompletableFuture<>();

    /** Returns the replies received until now. */
    public List<T> soFar() {
        return replies;
    }

    /** Returns all the replies of a call that succeeds. */
    public List<T> all() {
        try {
            return end.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            throw new AssertionError("The call did not end well", e);
        }
    }

    /** Returns the failure of a call that fails. */
    public StatusRuntimeException failure() {
        try {
            throw new AssertionError("The call ended well with " + end.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (StatusRuntimeException) e.getCause();
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("The call did not end", e);
        }
    }

    @Override
    public void onNext(T reply) {
        replies.add(reply);
    }

    @Override
    public void onError(Throwable failure) {
        end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        end.complete(replies);
    }
}
