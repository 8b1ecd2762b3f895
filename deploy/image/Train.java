import com.google.protobuf.FieldMask;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Starts a server by the command of its arguments, makes the calls that it is to be prepared for, and stops it. */
final class Train {

    private static final int ROUNDS = 200;
    private static final HttpClient WEB = HttpClient.newHttpClient();
    private static final HelloRequest ADA =
            HelloRequest.newBuilder().setName("Ada").build();

    public static void main(String[] command) throws Exception {
        int port = freePort();
        List<String> server = new ArrayList<>(List.of(command));
        server.add("--grpc.server.port=" + port);
        server.add("--server.port=0");
        int web = freePort();
        server.add("--service.web.port=" + web);
        for (String method : List.of("CreateUser", "GetUser", "ListUsers", "UpdateUser", "DeleteUser")) {
            server.add("--service.access.[users.v1.UserService/" + method + "]=open");
        }
        Process process = new ProcessBuilder(server).inheritIO().start();
        ManagedChannel channel = ManagedChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .build();
        try {
            await(process, channel);
            for (int i = 0; i < ROUNDS; i++) {
                greet(channel);
                keepUsers(channel, i);
                greetTheWeb(web);
            }
        } finally {
            channel.shutdownNow();
            process.destroy();
            process.waitFor();
        }
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void await(Process process, Channel channel) {
        var health = HealthGrpc.newBlockingStub(channel).withWaitForReady();
        while (true) {
            try {
                health.withDeadlineAfter(1, TimeUnit.SECONDS).check(HealthCheckRequest.getDefaultInstance());
                return;
            } catch (StatusRuntimeException e) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("The server ended with " + process.exitValue(), e);
                }
            }
        }
    }

    private static void greet(Channel channel) {
        var greeter = GreeterGrpc.newBlockingStub(channel);
        var streams = GreeterGrpc.newStub(channel);
        for (int i = 0; i < 10; i++) {
            greeter.sayHello(ADA);
        }
        greeter.sayHelloStreamReply(ADA).forEachRemaining(reply -> {});
        stream(streams::sayHelloStreamRequest);
        stream(streams::sayHelloBidiStream);
        try {
            greeter.sayHello(HelloRequest.getDefaultInstance());
            throw new IllegalStateException("A greeting without a name was answered");
        } catch (StatusRuntimeException refused) {
            // as it should be
        }
    }

    private static void greetTheWeb(int port) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + "/helloworld.Greeter/SayHello"));
        String json = "{\"name\":\"Ada\"}";
        ask(request.header("content-type", "application/json").POST(BodyPublishers.ofString(json)));
        byte[] message = ADA.toByteArray();
        byte[] envelope = ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
        ask(request.setHeader("content-type", "application/grpc-web+proto").POST(BodyPublishers.ofByteArray(envelope)));
    }

    private static void ask(HttpRequest.Builder request) throws Exception {
        if (WEB.send(request.build(), BodyHandlers.discarding()).statusCode() != 200) {
            throw new IllegalStateException("A greeting by the web was refused");
        }
    }

    private static void keepUsers(Channel channel, int number) {
        var users = UserServiceGrpc.newBlockingStub(channel);
        User ada = User.newBuilder()
                .setName("Ada")
                .setEmail("ada" + number + "@example.com")
                .build();
        User user = users.createUser(CreateUserRequest.newBuilder().setUser(ada).build());
        users.getUser(GetUserRequest.newBuilder().setId(user.getId()).build());
        users.listUsers(ListUsersRequest.getDefaultInstance());
        user = users.updateUser(UpdateUserRequest.newBuilder()
                .setUser(user.toBuilder().setName("Ada Lovelace"))
                .setUpdateMask(FieldMask.newBuilder().addPaths("name"))
                .build());
        users.deleteUser(DeleteUserRequest.newBuilder().setId(user.getId()).build());
    }

    private static void stream(Streaming method) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        StreamObserver<HelloRequest> requests = method.call(new StreamObserver<>() {
            @Override
            public void onNext(HelloReply reply) {}

            @Override
            public void onError(Throwable failure) {
                done.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                done.complete(null);
            }
        });
        for (int i = 0; i < 10; i++) {
            requests.onNext(ADA);
        }
        requests.onCompleted();
        done.join();
    }

    private interface Streaming {
        StreamObserver<HelloRequest> call(StreamObserver<HelloReply> replies);
    }
}
