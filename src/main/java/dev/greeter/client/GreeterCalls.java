package dev.greeter.client;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterFutureStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterStub;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.StreamObserver;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Calls the Greeter in every style of stub and kind of call, each with a deadline, and prints what it receives. */
final class GreeterCalls {

    private final GreeterBlockingStub blocking;
    private final GreeterFutureStub future;
    private final GreeterStub async;
    private final Duration timeout;
    private final PrintStream out;
    private String current = "";

    GreeterCalls(
            GreeterBlockingStub blocking,
            GreeterFutureStub future,
            GreeterStub async,
            Duration timeout,
            PrintStream out) {
        this.blocking = blocking;
        this.future = future;
        this.async = async;
        this.timeout = timeout;
        this.out = out;
    }

    /** Returns the name of the call made last. */
    String current() {
        return current;
    }

    void greet(String name) {
        print("", call("SayHello", blocking).sayHello(request(name)));
    }

    /** Makes each kind of call; the server of a quick start may have only SayHello. */
    void showEveryKind(List<String> names) {
        String name = names.get(0);
        print("blocking", call("SayHello", blocking).sayHello(request(name)));
        print("future", await(call("SayHello", future).sayHello(request(name))));

        Replies reply = new Replies();
        call("SayHello", async).sayHello(request(name), reply);
        print("asynchronous", reply);

        ifServed(() -> {
            Iterator<HelloReply> stream = call("SayHelloStreamReply", blocking).sayHelloStreamReply(request(name));
            stream.forEachRemaining(greeting -> print("server streaming", greeting));
        });
        ifServed(() -> {
            Replies summary = new Replies();
            send(names, call("SayHelloStreamRequest", async).sayHelloStreamRequest(summary));
            print("client streaming", summary);
        });
        ifServed(() -> {
            Replies replies = new Replies();
            send(names, call("SayHelloBidiStream", async).sayHelloBidiStream(replies));
            print("bidirectional", replies);
        });
    }

    private void ifServed(Runnable kind) {
        try {
            kind.run();
        } catch (StatusRuntimeException failure) {
            if (failure.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw failure;
            }
            out.println("Greeter client: this server has no " + current + ".");
        }
    }

    /** Returns the stub with a deadline for a call of this name. */
    <S extends AbstractStub<S>> S call(String method, S stub) {
        current = method;
        return stub.withDeadlineAfter(timeout);
    }

    private static HelloRequest request(String name) {
        return HelloRequest.newBuilder().setName(name).build();
    }

    private static void send(List<String> names, StreamObserver<HelloRequest> requests) {
        names.forEach(name -> requests.onNext(request(name)));
        requests.onCompleted();
    }

    private void print(String style, Replies replies) {
        await(replies.received()).forEach(reply -> print(style, reply));
    }

    private void print(String style, HelloReply reply) {
        out.println(
                "Greeter client received" + (style.isEmpty() ? "" : " (" + style + ")") + ": " + reply.getMessage());
    }

    private static <T> T await(Future<T> future) {
        try {
            // The deadline of the call limits the wait.
            return future.get();
        } catch (ExecutionException e) {
            throw Status.fromThrowable(e).asRuntimeException(Status.trailersFromThrowable(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StatusRuntimeException(Status.CANCELLED.withCause(e));
        }
    }
}
