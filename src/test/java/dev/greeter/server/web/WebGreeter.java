package dev.greeter.server.web;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.ErrorStatus;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Does what the name of its request says, and shows what reaches a service. */
final class WebGreeter extends GreeterGrpc.GreeterImplBase implements ServerInterceptor {

    static final int FLOOD = 1_000_000;

    private static final Metadata.Key<String> TEXT = Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> BINARY = Metadata.Key.of("x-data-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final Context.Key<Metadata> HEADERS = Context.key("headers");
    private static final Context.Key<String> PEER = Context.key("peer");

    final AtomicInteger flooded = new AtomicInteger();
    volatile CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    volatile CompletableFuture<Boolean> called = new CompletableFuture<>();

    /** Sends what the caller has sent back, as headers and as trailers. */
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        Metadata sent = new Metadata();
        if (headers.containsKey(TEXT)) {
            Objects.requireNonNull(headers.getAll(TEXT)).forEach(value -> sent.put(TEXT, value));
        }
        if (headers.containsKey(BINARY)) {
            sent.put(BINARY, headers.get(BINARY));
        }
        Context context = Context.current()
                .withValue(HEADERS, headers)
                .withValue(PEER, String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
        return Contexts.interceptCall(
                context,
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void sendHeaders(Metadata responseHeaders) {
                        responseHeaders.merge(sent);
                        super.sendHeaders(responseHeaders);
                    }

                    @Override
                    public void close(Status status, Metadata trailers) {
                        trailers.merge(sent);
                        super.close(status, trailers);
                    }
                },
                headers,
                next);
    }

    @Override
    public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
        if (request.getName().equals("never")) {
            await((ServerCallStreamObserver<HelloReply>) replies);
            return;
        }
        replies.onNext(reply(request));
        replies.onCompleted();
    }

    @Override
    public void sayHelloStreamReply(HelloRequest request, StreamObserver<HelloReply> replies) {
        ServerCallStreamObserver<HelloReply> stream = (ServerCallStreamObserver<HelloReply>) replies;
        if (request.getName().equals("never")) {
            await(stream);
        } else if (request.getName().equals("flood")) {
            flood(stream);
        } else {
            replies.onNext(reply(request));
            replies.onNext(reply(request));
            if (request.getName().equals("fail later")) {
                throw failure();
            }
            replies.onCompleted();
        }
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
        ServerCallStreamObserver<HelloReply> call = (ServerCallStreamObserver<HelloReply>) replies;
        call.disableAutoRequest();
        call.request(1);
        List<String> names = new ArrayList<>();
        return new Requests(replies) {
            @Override
            public void onNext(HelloRequest request) {
                names.add(reply(request).getMessage());
                if (!request.getName().equals("never")) {
                    call.request(1);
                }
            }

            @Override
            public void onCompleted() {
                replies.onNext(HelloReply.newBuilder()
                        .setMessage(String.join(" ", names))
                        .build());
                replies.onCompleted();
            }
        };
    }

    @Override
    public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
        return new Requests(replies) {
            @Override
            public void onNext(HelloRequest request) {
                replies.onNext(reply(request));
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    private void await(ServerCallStreamObserver<HelloReply> replies) {
        replies.setOnCancelHandler(() -> cancelled.complete(true));
        called.complete(true);
    }

    private void flood(ServerCallStreamObserver<HelloReply> replies) {
        HelloReply reply = HelloReply.newBuilder().setMessage("x".repeat(1000)).build();
        replies.setOnCancelHandler(() -> cancelled.complete(true));
        replies.setOnReadyHandler(() -> {
            while (replies.isReady() && flooded.get() < FLOOD) {
                flooded.incrementAndGet();
                replies.onNext(reply);
            }
        });
    }

    private static HelloReply reply(HelloRequest request) {
        String name = request.getName();
        return HelloReply.newBuilder()
                .setMessage(
                        switch (name) {
                            case "fail" -> throw failure();
                            case "peer" -> PEER.get();
                            case "timeout" -> String.valueOf(timeout());
                            case "headers" -> String.valueOf(HEADERS.get());
                            case "large" -> "x".repeat(100_000);
                            default -> "Hello, " + name + "!";
                        })
                .build();
    }

    private static RuntimeException failure() {
        return ErrorStatus.of(
                com.google.rpc.Code.NOT_FOUND, "NOBODY", "Nobody is there: é%", ErrorStatus.retryAfter(1));
    }

    private static long timeout() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? -1 : deadline.timeRemaining(TimeUnit.MILLISECONDS);
    }

    private abstract static class Requests implements StreamObserver<HelloRequest> {

        private final StreamObserver<HelloReply> replies;

        Requests(StreamObserver<HelloReply> replies) {
            this.replies = replies;
        }

        @Override
        public void onError(Throwable failure) {
            replies.onError(failure);
        }
    }
}
