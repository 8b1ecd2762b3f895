package dev.greeter.users;

import com.google.protobuf.Empty;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.service.ServiceAvailability;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.UUID;
import net.devh.boot.grpc.server.service.GrpcService;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;

/** Stores users; its calls wait for a database, so they run on workers. */
@GrpcService
@Profile("!client")
final class UserService extends UserServiceGrpc.UserServiceImplBase {

    private final UserRepository users;
    private final UserExports exports;
    private volatile @Nullable PageTokens pageTokens;

    UserService(UserRepository users, UserExports exports) {
        this.users = users;
        this.exports = exports;
    }

    @Override
    public void createUser(CreateUserRequest request, StreamObserver<User> replies) {
        RequestReader reader = new RequestReader();
        UUID requestId = reader.requestId(request.getRequestId());
        reader.present(request.hasUser());
        UserProfile profile = request.hasUser() ? reader.profile(request.getUser()) : null;
        reader.finish();
        reply(UserMessages.of(users.create(Objects.requireNonNull(profile), requestId)), replies);
    }

    @Override
    public void getUser(GetUserRequest request, StreamObserver<User> replies) {
        RequestReader reader = new RequestReader();
        UUID id = reader.id("id", request.getId());
        reader.finish();
        reply(UserMessages.of(users.find(id)), replies);
    }

    @Override
    public void listUsers(ListUsersRequest request, StreamObserver<ListUsersResponse> replies) {
        RequestReader reader = new RequestReader();
        int size = reader.pageSize(request.getPageSize());
        UUID after = UserIds.FIRST;
        if (!request.getPageToken().isEmpty()) {
            after = pageTokens().read(request.getPageToken());
            if (after == null) {
                reader.refuse("page_token", "PAGE_TOKEN_INVALID", "is not a token of this service");
            }
        }
        reader.finish();
        UserRepository.Page page = users.listAfter(Objects.requireNonNull(after), size);
        ListUsersResponse.Builder response = ListUsersResponse.newBuilder();
        page.users().forEach(user -> response.addUsers(UserMessages.of(user)));
        if (page.more()) {
            response.setNextPageToken(
                    pageTokens().after(page.users().get(size - 1).id()));
        }
        reply(response.build(), replies);
    }

    @Override
    public void updateUser(UpdateUserRequest request, StreamObserver<User> replies) {
        RequestReader reader = new RequestReader();
        reader.present(request.hasUser());
        UUID id = reader.id("user.id", request.getUser().getId());
        ProfileChange change =
                reader.change(request.getUser(), request.getUpdateMask().getPathsList());
        reader.finish();
        reply(UserMessages.of(users.update(id, request.getUser().getEtag(), change)), replies);
    }

    @Override
    public void deleteUser(DeleteUserRequest request, StreamObserver<Empty> replies) {
        RequestReader reader = new RequestReader();
        UUID id = reader.id("id", request.getId());
        reader.finish();
        users.delete(id, request.getEtag());
        reply(Empty.getDefaultInstance(), replies);
    }

    @Override
    public StreamObserver<ImportUsersRequest> importUsers(StreamObserver<ImportUsersResponse> replies) {
        return new UserImport(users, (ServerCallStreamObserver<ImportUsersResponse>) replies);
    }

    @Override
    public void exportUsers(ExportUsersRequest request, StreamObserver<ExportUsersResponse> replies) {
        RequestReader reader = new RequestReader();
        UUID after = request.getAfterId().isEmpty() ? UserIds.FIRST : reader.id("after_id", request.getAfterId());
        reader.finish();
        exports.start(after, (ServerCallStreamObserver<ExportUsersResponse>) replies);
    }

    private static <T> void reply(T message, StreamObserver<T> replies) {
        replies.onNext(message);
        replies.onCompleted();
    }

    /** A database that was away may have been replaced, with another key of the tokens. */
    @EventListener
    void changed(ServiceAvailability change) {
        if (change.service().equals(UserServiceGrpc.SERVICE_NAME)) {
            pageTokens = null;
        }
    }

    private PageTokens pageTokens() {
        PageTokens tokens = pageTokens;
        if (tokens == null) {
            tokens = new PageTokens(users.pageTokenKey());
            pageTokens = tokens;
        }
        return tokens;
    }
}
