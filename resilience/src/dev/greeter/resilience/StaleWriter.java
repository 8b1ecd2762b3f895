package dev.greeter.resilience;

import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Calls.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Tries to update and delete, with stale etags, the users that others update, which must always fail. */
final class StaleWriter implements Caller {

    private static final String[] REASONS = {"ETAG_STALE", "CHANGED_CONCURRENTLY"};

    private final Calls calls;
    private final List<UserHistory> users;
    private final Random random;

    StaleWriter(Calls calls, List<UserHistory> users, Random random) {
        this.calls = calls;
        this.users = users;
        this.random = random;
    }

    @Override
    public boolean call() throws InterruptedException {
        UserHistory user = users.get(random.nextInt(users.size()));
        Optional<User> known = user.latest();
        Optional<String> etag = user.staleEtag(random.nextInt(10));
        if (known.isEmpty() || etag.isEmpty()) {
            return false;
        }
        return random.nextBoolean()
                ? update(user, known.get().getId(), etag.get())
                : delete(user, known.get().getId(), etag.get());
    }

    private boolean update(UserHistory user, String id, String etag) throws InterruptedException {
        long change = user.tryUpdate(etag);
        UpdateUserRequest request = UpdateUserRequest.newBuilder()
                .setUser(User.newBuilder().setId(id).setEtag(etag).setName(user.name(change)))
                .build();
        Outcome<User> outcome = calls.unary(UserServiceGrpc.getUpdateUserMethod(), request, Calls.PATIENT, REASONS);
        if (outcome.acknowledged()) {
            user.updated(change, outcome.reply());
        }
        return !outcome.unclear();
    }

    private boolean delete(UserHistory user, String id, String etag) throws InterruptedException {
        user.tryDelete(etag);
        DeleteUserRequest request =
                DeleteUserRequest.newBuilder().setId(id).setEtag(etag).build();
        Outcome<?> outcome = calls.unary(UserServiceGrpc.getDeleteUserMethod(), request, Calls.PATIENT, REASONS);
        if (outcome.acknowledged()) {
            user.deleted(etag);
        }
        return !outcome.unclear();
    }
}
