package dev.greeter.resilience;

import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.DeleteUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.UpdateUserRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Calls.Outcome;
import dev.greeter.resilience.Ledger.Loss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Creates, updates and deletes users, and repeats calls without an answer, as the contract describes. */
final class Writer implements Caller {

    private static final int OWN_USERS = 200;
    private static final String ETAG_STALE = "ETAG_STALE";
    private static final String CHANGED_CONCURRENTLY = "CHANGED_CONCURRENTLY";
    private static final String USER_NOT_FOUND = "USER_NOT_FOUND";

    private final Calls calls;
    private final Ledger ledger;
    private final List<UserHistory> contested;
    private final Random random;
    private final boolean hasty;
    private final List<UserHistory> own = new ArrayList<>();

    /**
     * @param contested the users that others also change
     * @param hasty whether its calls have deadlines of 1 to 20 ms, except the repeated ones
     */
    Writer(Calls calls, Ledger ledger, List<UserHistory> contested, Random random, boolean hasty) {
        this.calls = calls;
        this.ledger = ledger;
        this.contested = contested;
        this.random = random;
        this.hasty = hasty;
    }

    @Override
    public boolean call() throws InterruptedException {
        int choice = random.nextInt(100);
        if (own.isEmpty() || choice < 20) {
            UserHistory user = ledger.newUser();
            own.add(user);
            if (own.size() > OWN_USERS) {
                own.remove(0);
            }
            return create(user);
        }
        if (choice < 60) {
            return update(contested.get(random.nextInt(contested.size())));
        }
        UserHistory user = own.get(random.nextInt(own.size()));
        if (choice < 85) {
            return update(user);
        }
        return choice < 95 ? create(user) : delete(user);
    }

    /** Creates a user, or repeats the request to learn its outcome. */
    private boolean create(UserHistory user) throws InterruptedException {
        CreateUserRequest request = CreateUserRequest.newBuilder()
                .setUser(user.asCreated())
                .setRequestId(user.origin())
                .build();
        String before = ledger.highestId();
        boolean first = user.tryCreate();
        Outcome<User> outcome = calls.unary(UserServiceGrpc.getCreateUserMethod(), request, deadline());
        boolean clear = outcome.acknowledged();
        while (outcome.unclear()) {
            pause();
            first = false;
            outcome = calls.unary(UserServiceGrpc.getCreateUserMethod(), request, Calls.PATIENT);
        }
        if (outcome.acknowledged()) {
            user.created(outcome.reply());
            if (first && outcome.reply().getId().compareTo(before) <= 0) {
                ledger.report(Loss.UNORDERED, outcome.reply().getId() + " was created after " + before);
            }
        } else {
            ledger.report(Loss.LOST, "the creation of " + user + " ended with " + outcome + " when it was repeated");
        }
        return clear;
    }

    private boolean update(UserHistory user) throws InterruptedException {
        Optional<User> known = user.latest();
        if (known.isEmpty()) {
            return create(user);
        }
        String etag = known.get().getEtag();
        long change = user.tryUpdate(etag);
        UpdateUserRequest.Builder request = UpdateUserRequest.newBuilder();
        request.getUserBuilder().setId(known.get().getId()).setEtag(etag).setName(user.name(change));
        request.getUpdateMaskBuilder().addPaths("name");
        if (change % 5 == 0) {
            request.getUserBuilder().setEmail(user.origin() + "." + change + "@example.org");
            request.getUpdateMaskBuilder().addPaths("email");
        }
        Outcome<User> outcome = calls.unary(
                UserServiceGrpc.getUpdateUserMethod(),
                request.build(),
                deadline(),
                ETAG_STALE,
                CHANGED_CONCURRENTLY,
                USER_NOT_FOUND);
        if (outcome.acknowledged()) {
            user.updated(change, outcome.reply());
        } else {
            read(user);
        }
        return !outcome.unclear();
    }

    private boolean delete(UserHistory user) throws InterruptedException {
        Optional<User> known = user.latest();
        if (known.isEmpty()) {
            return create(user);
        }
        String etag = known.get().getEtag();
        user.tryDelete(etag);
        Outcome<?> outcome = calls.unary(
                UserServiceGrpc.getDeleteUserMethod(),
                DeleteUserRequest.newBuilder()
                        .setId(known.get().getId())
                        .setEtag(etag)
                        .build(),
                deadline(),
                ETAG_STALE,
                CHANGED_CONCURRENTLY,
                USER_NOT_FOUND);
        if (outcome.acknowledged()) {
            user.deleted(etag);
        } else {
            read(user);
        }
        if (user.mayBeDeleted()) {
            own.remove(user);
        }
        return !outcome.unclear();
    }

    /** Reads a user and records the result in its history. */
    private void read(UserHistory user) throws InterruptedException {
        GetUserRequest request = GetUserRequest.newBuilder()
                .setId(user.latest().orElseThrow().getId())
                .build();
        Outcome<User> outcome;
        long before;
        do {
            before = user.acknowledgedChange();
            outcome = calls.unary(UserServiceGrpc.getGetUserMethod(), request, Calls.PATIENT, USER_NOT_FOUND);
            if (outcome.unclear()) {
                pause();
            }
        } while (outcome.unclear());
        if (outcome.acknowledged()) {
            user.read(outcome.reply(), before);
        } else if (outcome.reason().equals(USER_NOT_FOUND)) {
            user.missing();
        }
    }

    private Duration deadline() {
        return hasty ? Duration.ofMillis(1 + random.nextInt(20)) : Calls.PATIENT;
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(100);
    }
}
