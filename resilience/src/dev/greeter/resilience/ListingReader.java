package dev.greeter.resilience;

import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.ListUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Calls.Outcome;
import dev.greeter.resilience.Ledger.Creation;
import dev.greeter.resilience.Ledger.Loss;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Reads all pages while users are created, and then the last pages repeatedly, however small they are: a user that was
 * created before a listing ended must be part of it.
 */
final class ListingReader implements Caller {

    private static final int READINGS_OF_THE_END = 300;

    private final Calls calls;
    private final Ledger ledger;
    private final Random random;

    private Set<UserHistory> seen = new HashSet<>();
    private Iterator<Creation> unchecked;
    private Optional<Creation> next = Optional.empty();
    private Optional<User> previous = Optional.empty();
    private Optional<User> previousOfToken = Optional.empty();
    private String token = "";
    private String lastToken = "";
    private int readings;

    ListingReader(Calls calls, Ledger ledger, Random random) {
        this.calls = calls;
        this.ledger = ledger;
        this.random = random;
        this.unchecked = ledger.creations().iterator();
    }

    /** Reads a page. */
    @Override
    public boolean call() throws InterruptedException {
        long begin = System.nanoTime();
        ListUsersRequest request = ListUsersRequest.newBuilder()
                .setPageSize(readings == 0 ? 1_000 : 1 + random.nextInt(20))
                .setPageToken(token)
                .build();
        Outcome<ListUsersResponse> page =
                calls.unary(UserServiceGrpc.getListUsersMethod(), request, Calls.PATIENT, "CHANGED_CONCURRENTLY");
        if (!page.acknowledged()) {
            return false;
        }
        for (User user : page.reply().getUsersList()) {
            ledger.inOrder(previous, user);
            previous = Optional.of(user);
            seen.add(ledger.of(user));
        }
        if (page.reply().getNextPageToken().isEmpty()) {
            checkCreatedBefore(begin);
            readAgain();
        } else {
            token = page.reply().getNextPageToken();
            lastToken = token;
            previousOfToken = previous;
        }
        return true;
    }

    private void checkCreatedBefore(long time) {
        while (true) {
            if (next.isEmpty()) {
                if (!unchecked.hasNext()) {
                    return;
                }
                next = Optional.of(unchecked.next());
            }
            Creation creation = next.get();
            if (creation.time() - time >= 0) {
                return;
            }
            UserHistory user = creation.user();
            if (!seen.contains(user) && !user.mayBeDeleted()) {
                ledger.report(Loss.MISSED, user.origin() + " did not come on any page");
            }
            next = Optional.empty();
        }
    }

    /** Continues at the last token, or starts again after enough repetitions. */
    private void readAgain() {
        token = lastToken;
        previous = previousOfToken;
        if (++readings > READINGS_OF_THE_END) {
            readings = 0;
            token = "";
            lastToken = "";
            previous = Optional.empty();
            previousOfToken = Optional.empty();
            seen = new HashSet<>();
            unchecked = ledger.creations().iterator();
            next = Optional.empty();
        }
    }
}
