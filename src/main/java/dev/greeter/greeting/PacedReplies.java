package dev.greeter.greeting;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * Answers each request of a bidirectional stream, and asks for the next only when the caller has room for its reply,
 * so that nothing is buffered for a caller that does not read.
 */
final class PacedReplies<T, R> implements StreamObserver<T> {

    private final ServerCallStreamObserver<R> call;
    private final Function<T, R> answer;
    private boolean waiting;

    PacedReplies(ServerCallStreamObserver<R> call, Function<T, R> answer) {
        this.call = call;
        this.answer = answer;
        call.disableAutoRequest();
        call.setOnReadyHandler(this::resume);
        // Without a handler, a reply after a cancellation would throw.
        call.setOnCancelHandler(() -> {});
        call.request(1);
    }

    @Override
    public void onNext(T request) {
        call.onNext(answer.apply(request));
        if (call.isReady()) {
            call.request(1);
        } else {
            waiting = true;
        }
    }

    @Override
    public void onError(Throwable cancelled) {}

    @Override
    public void onCompleted() {
        call.onCompleted();
    }

    private void resume() {
        if (waiting) {
            waiting = false;
            call.request(1);
        }
    }
}
