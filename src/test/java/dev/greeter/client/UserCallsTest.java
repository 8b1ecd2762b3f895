package dev.greeter.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The output of the demo for a server with SayHello and users and prepared answers. */
class UserCallsTest {

    private static final Metadata.Key<String> ACCEPT_LANGUAGE =
            Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Map<String, User> stored = new LinkedHashMap<>();
    private final String name = UUID.randomUUID().toString();
    private final ManagedChannel channel =
            InProcessChannelBuilder.forName(name).directExecutor().build();
    private final Server server = InProcessServerBuilder.forName(name)
            .directExecutor()
            .intercept(new RequestedLanguage())
            .addService(new LanguageGreeter())
            .addService(new StoredUsers())
            .build();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private Status refusal = Status.OK;
    private boolean withToken;

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void eachUserIsRegisteredOnceAndGreetedInItsLanguage() {
        showUsers("Ada", "Grace");
        showUsers("Ada");

        assertThat(stored).hasSize(2);
        String language = stored.values().iterator().next().getLanguage();
        assertThat(lines())
                .hasSize(4)
                .contains("Greeter client received (user " + language + "): " + language + " Ada");
    }

    @Test
    void aServerWithoutUsersIsNotAFailure() {
        refusal = Status.UNIMPLEMENTED;

        showUsers("Ada");

        assertThat(lines()).containsExactly("Greeter client: this server has no users.v1.UserService.");
    }

    @Test
    void withoutATokenTheMissingSettingIsNamed() {
        refusal = Status.UNAUTHENTICATED;

        showUsers("Ada");

        assertThat(lines()).singleElement().asString().contains("greeter.client.token");
    }

    @Test
    void aRefusedTokenIsAFailure() {
        refusal = Status.UNAUTHENTICATED;
        withToken = true;

        assertThatThrownBy(() -> showUsers("Ada")).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void aMissingScopeIsAFailure() {
        refusal = Status.PERMISSION_DENIED;

        assertThatThrownBy(() -> showUsers("Ada")).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void aQuickStartsServerIsGreetedInTheCallsThatItHas() {
        calls().showEveryKind(List.of("Ada"));

        assertThat(lines())
                .containsExactly(
                        "Greeter client received (blocking): null Ada",
                        "Greeter client received (future): null Ada",
                        "Greeter client received (asynchronous): null Ada",
                        "Greeter client: this server has no SayHelloStreamReply.",
                        "Greeter client: this server has no SayHelloStreamRequest.",
                        "Greeter client: this server has no SayHelloBidiStream.");
    }

    @Test
    void anyOtherRefusalIsAFailure() {
        refusal = Status.UNAVAILABLE;

        assertThatThrownBy(() -> showUsers("Ada")).isInstanceOf(StatusRuntimeException.class);
    }

    private void showUsers(String... names) {
        new UserCalls(
                        calls(),
                        UserServiceGrpc.newBlockingStub(channel),
                        GreeterGrpc.newBlockingStub(channel),
                        withToken,
                        out)
                .showUsers(List.of(names));
    }

    private GreeterCalls calls() {
        return new GreeterCalls(
                GreeterGrpc.newBlockingStub(channel),
                GreeterGrpc.newFutureStub(channel),
                GreeterGrpc.newStub(channel),
                Duration.ofSeconds(20),
                out);
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private final class StoredUsers extends UserServiceGrpc.UserServiceImplBase {

        @Override
        public void createUser(CreateUserRequest request, StreamObserver<User> replies) {
            if (!refusal.isOk()) {
                replies.onError(refusal.asException());
            } else if (stored.putIfAbsent(request.getUser().getEmail(), request.getUser()) != null) {
                replies.onError(Status.ALREADY_EXISTS.asException());
            } else {
                replies.onNext(request.getUser());
                replies.onCompleted();
            }
        }

        @Override
        public void listUsers(ListUsersRequest request, StreamObserver<ListUsersResponse> replies) {
            replies.onNext(
                    ListUsersResponse.newBuilder().addAllUsers(stored.values()).build());
            replies.onCompleted();
        }
    }

    private static final class LanguageGreeter extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.newBuilder()
                    .setMessage(RequestedLanguage.LANGUAGE.get() + " " + request.getName())
                    .build());
            replies.onCompleted();
        }
    }

    private static final class RequestedLanguage implements ServerInterceptor {

        static final Context.Key<String> LANGUAGE = Context.key("language");

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            return Contexts.interceptCall(
                    Context.current().withValue(LANGUAGE, headers.get(ACCEPT_LANGUAGE)), call, headers, next);
        }
    }
}
