package dev.greeter.greeting;

import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/** Collects the names of a client stream within its limits and passes them on when the caller has half-closed. */
final class NameCollector implements StreamObserver<HelloRequest> {

    static final int MAX_NAMES = 1_000;
    static final int MAX_CODE_POINTS = 16_384;

    private final Language language;
    private final Consumer<String> collected;
    private final StringBuilder names = new StringBuilder();
    private int count;
    private int codePoints;

    NameCollector(Language language, Consumer<String> collected) {
        this.language = language;
        this.collected = collected;
    }

    @Override
    public void onNext(HelloRequest request) {
        String name = GreetingRefusedException.requireGreetable(request.getName(), language);
        codePoints += name.codePointCount(0, name.length());
        if (++count > MAX_NAMES) {
            throw GreetingRefusedException.of(Text.NAMES_TOO_MANY, MAX_NAMES, language);
        }
        if (codePoints > MAX_CODE_POINTS) {
            throw GreetingRefusedException.of(Text.NAMES_TOO_LONG, MAX_CODE_POINTS, language);
        }
        if (!names.isEmpty()) {
            names.append(", ");
        }
        names.append(name);
    }

    @Override
    public void onError(Throwable cancelled) {
        names.setLength(0);
    }

    @Override
    public void onCompleted() {
        if (count == 0) {
            throw GreetingRefusedException.of(Text.NAMES_NONE, 1, language);
        }
        collected.accept(names.toString());
    }
}
