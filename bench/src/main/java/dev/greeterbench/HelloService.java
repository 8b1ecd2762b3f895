package dev.greeterbench;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/** The contract as a quick start would implement it: no checks, no languages, no flow control. */
public class HelloService extends GreeterGrpc.GreeterImplBase {

    /** Greeter's own texts, as what comes before the name and what comes after it. */
    static final List<String[]> GREETINGS = greetings(Path.of(System.getProperty("messages")));

    @Override
    public final void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        replies.onNext(reply(request.getName()));
        replies.onCompleted();
    }

    @Override
    public final void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
        for (String[] greeting : GREETINGS) {
            replies.onNext(reply(greeting, request.getName()));
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

    static HelloReply reply(String name) {
        return HelloReply.newBuilder().setMessage("Hello, " + name + "!").build();
    }

    static HelloReply reply(String[] greeting, String name) {
        return HelloReply.newBuilder()
                .setMessage(greeting[0] + name + greeting[1])
                .build();
    }

    private static List<String[]> greetings(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("messages(_\\w+)?[.]properties"))
                    .sorted()
                    .map(HelloService::greeting)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] greeting(Path file) {
        Properties texts = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            texts.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return MessageFormat.format(texts.getProperty("greeting"), "\n").split("\n", 2);
    }
}
