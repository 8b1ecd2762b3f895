package dev.greeter.server.image;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Calls each method of a server with an empty message, by gRPC and by the web, as its reflection describes them. */
final class Training implements AutoCloseable {

    private static final int ROUNDS = 20;
    private static final int SECONDS_PER_ANSWER = 1;
    private static final Pattern TOKEN = Pattern.compile("development token is valid.*: (\\S+)");
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** An empty message of any type has no bytes. */
    private static final byte[] EMPTY = {};

    private static final byte[] EMPTY_ENVELOPE = {0, 0, 0, 0, 0};

    private final ManagedChannel channel;
    private final HttpClient client = HttpClient.newHttpClient();
    private final int web;

    Training(int port, int web) {
        this.channel = Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
                .build();
        this.web = web;
    }

    /** @param log of the server, which has the development token */
    void run(Process server, Path log) throws IOException, InterruptedException {
        await(server);
        Matcher token = TOKEN.matcher(Files.readString(log));
        Metadata headers = new Metadata();
        String authorization = token.find() ? "Bearer " + token.group(1) : "Bearer";
        headers.put(AUTHORIZATION, authorization);
        List<MethodDescriptor<byte[], byte[]>> methods = methods();
        for (int i = 0; i < ROUNDS; i++) {
            for (MethodDescriptor<byte[], byte[]> method : methods) {
                call(method, headers);
                if (method.getType() == MethodType.UNARY) {
                    post(
                            method,
                            authorization,
                            "application/json",
                            "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    post(method, authorization, "application/grpc-web+proto", EMPTY_ENVELOPE);
                }
            }
        }
    }

    private void await(Process server) {
        var health = HealthGrpc.newBlockingStub(channel).withWaitForReady();
        while (true) {
            try {
                health.withDeadlineAfter(1, TimeUnit.SECONDS).check(HealthCheckRequest.getDefaultInstance());
                return;
            } catch (StatusRuntimeException e) {
                if (!server.isAlive()) {
                    throw new IllegalStateException("The server ended with " + server.exitValue(), e);
                }
            }
        }
    }

    private List<MethodDescriptor<byte[], byte[]>> methods() {
        List<MethodDescriptor<byte[], byte[]>> methods = new ArrayList<>();
        ServerReflectionResponse services =
                reflect(ServerReflectionRequest.newBuilder().setListServices("").build());
        for (ServiceResponse service : services.getListServicesResponse().getServiceList()) {
            reflect(ServerReflectionRequest.newBuilder()
                            .setFileContainingSymbol(service.getName())
                            .build())
                    .getFileDescriptorResponse()
                    .getFileDescriptorProtoList()
                    .forEach(file -> add(file, service.getName(), methods));
        }
        return methods;
    }

    private static void add(ByteString encoded, String wanted, List<MethodDescriptor<byte[], byte[]>> methods) {
        FileDescriptorProto file;
        try {
            file = FileDescriptorProto.parseFrom(encoded);
        } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
        }
        String prefix = file.getPackage().isEmpty() ? "" : file.getPackage() + ".";
        file.getServiceList().stream()
                .filter(service -> wanted.equals(prefix + service.getName()))
                .flatMap(service -> service.getMethodList().stream())
                .map(method -> MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
                        .setFullMethodName(wanted + "/" + method.getName())
                        .setType(type(method.getClientStreaming(), method.getServerStreaming()))
                        .build())
                .forEach(methods::add);
    }

    private static MethodType type(boolean requests, boolean replies) {
        if (requests) {
            return replies ? MethodType.BIDI_STREAMING : MethodType.CLIENT_STREAMING;
        }
        return replies ? MethodType.SERVER_STREAMING : MethodType.UNARY;
    }

    private ServerReflectionResponse reflect(ServerReflectionRequest request) {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(request);
        requests.onCompleted();
        return answer.join();
    }

    /** Waits for the end of the call, or for the first of several replies. */
    private void call(MethodDescriptor<byte[], byte[]> method, Metadata headers) throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] reply) {
                        if (!method.getType().serverSendsOneMessage()) {
                            answered.countDown();
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        answered.countDown();
                    }
                },
                headers);
        call.request(2);
        call.sendMessage(EMPTY);
        call.halfClose();
        if (!answered.await(SECONDS_PER_ANSWER, TimeUnit.SECONDS)
                || !method.getType().serverSendsOneMessage()) {
            call.cancel("trained", null);
        }
    }

    private void post(MethodDescriptor<?, ?> method, String authorization, String type, byte[] body)
            throws IOException, InterruptedException {
        client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web + "/" + method.getFullMethodName()))
                        .header("content-type", type)
                        .header("authorization", authorization)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.discarding());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        MARSHALLER;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
