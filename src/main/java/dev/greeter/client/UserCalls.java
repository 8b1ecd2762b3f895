package dev.greeter.client;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Registers users, lists the first of them and greets each in the language of that user. */
final class UserCalls {

    private static final Metadata.Key<String> ACCEPT_LANGUAGE =
            Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);
    private static final List<String> LANGUAGES = List.of("de", "fr", "ja", "es");
    private static final int LISTED = 10;

    private final GreeterCalls calls;
    private final UserServiceBlockingStub users;
    private final GreeterBlockingStub greeter;
    private final boolean withToken;
    private final PrintStream out;

    /** @param withToken whether the calls carry a token; if not, a refusal says how to set one */
    UserCalls(
            GreeterCalls calls,
            UserServiceBlockingStub users,
            GreeterBlockingStub greeter,
            boolean withToken,
            PrintStream out) {
        this.calls = calls;
        this.users = users;
        this.greeter = greeter;
        this.withToken = withToken;
        this.out = out;
    }

    void showUsers(List<String> names) {
        try {
            names.forEach(this::register);
            calls.call("ListUsers", users)
                    .listUsers(ListUsersRequest.newBuilder().setPageSize(LISTED).build())
                    .getUsersList()
                    .forEach(this::greet);
        } catch (StatusRuntimeException failure) {
            Status.Code code = failure.getStatus().getCode();
            if (code == Status.Code.UNIMPLEMENTED) {
                out.println("Greeter client: this server has no " + UserServiceGrpc.SERVICE_NAME + ".");
            } else if (code == Status.Code.UNAUTHENTICATED && !withToken) {
                out.println("Greeter client: users require a token; set greeter.client.token or"
                        + " greeter.client.token-file.");
            } else {
                throw failure;
            }
        }
    }

    /** Registers a name once, however often the demo runs: all values of the user are derived from the name. */
    private void register(String name) {
        UUID request = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        User user = User.newBuilder()
                .setName(name)
                .setEmail(request + "@example.org")
                .setLanguage(LANGUAGES.get(Math.floorMod(name.hashCode(), LANGUAGES.size())))
                .build();
        try {
            calls.call("CreateUser", users)
                    .createUser(CreateUserRequest.newBuilder()
                            .setUser(user)
                            .setRequestId(request.toString())
                            .build());
        } catch (StatusRuntimeException failure) {
            // The server remembers the user for longer than the request.
            if (failure.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw failure;
            }
        }
    }

    private void greet(User user) {
        Metadata headers = new Metadata();
        headers.put(ACCEPT_LANGUAGE, user.getLanguage());
        GreeterBlockingStub inLanguage = greeter.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        String greeting = calls.call("SayHello", inLanguage)
                .sayHello(HelloRequest.newBuilder().setName(user.getName()).build())
                .getMessage();
        out.println("Greeter client received (user " + user.getLanguage() + "): " + greeting);
    }
}
