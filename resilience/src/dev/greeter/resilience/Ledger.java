package dev.greeter.resilience;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.greeter.proto.users.v1.User;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** The acknowledged changes, to be compared with the stored users. */
final class Ledger {

    private static final int QUOTED = 3;

    /** An error in the history of a user. */
    enum Loss {
        /** The user is missing, although its creation was acknowledged. */
        LOST,
        /** A change is missing, although it was acknowledged. */
        UNDONE,
        /** The user was created twice, or two conflicting changes were acknowledged. */
        DOUBLED,
        /** The user is missing in a listing that ended after its creation was acknowledged. */
        MISSED,
        /** The user was not listed in the order of creation. */
        UNORDERED
    }

    private final Map<String, UserHistory> users = new ConcurrentHashMap<>();
    private final Queue<Creation> creations = new ConcurrentLinkedQueue<>();
    private final AtomicLong changes = new AtomicLong();
    private final Map<Loss, Integer> losses = new EnumMap<>(Loss.class);
    private final List<String> quotes = new CopyOnWriteArrayList<>();
    private String highestId = "";

    /** Returns a user without a history. */
    UserHistory newUser() {
        UserHistory user = new UserHistory(this);
        users.put(user.origin(), user);
        return user;
    }

    long nextChange() {
        return changes.incrementAndGet();
    }

    void acknowledged(UserHistory user) {
        creations.add(new Creation(user, System.nanoTime()));
    }

    /** Returns how many changes were acknowledged, creations among them. */
    int size() {
        return creations.size()
                + users.values().stream()
                        .mapToInt(UserHistory::acknowledgedChanges)
                        .sum();
    }

    /** Returns the creations in the order in which they were acknowledged. */
    Iterable<Creation> creations() {
        return creations;
    }

    synchronized String highestId() {
        return highestId;
    }

    synchronized void highestId(String id) {
        if (id.compareTo(highestId) > 0) {
            highestId = id;
        }
    }

    synchronized void report(Loss loss, String what) {
        if (losses.merge(loss, 1, Integer::sum) <= QUOTED) {
            quotes.add(loss.name().toLowerCase(Locale.ROOT) + ": " + what);
        }
    }

    /** Checks that these users are in the order of their creation. */
    void inOrder(Optional<User> before, User user) {
        if (before.isPresent() && before.get().getId().compareTo(user.getId()) >= 0) {
            report(Loss.UNORDERED, user.getId() + " came after " + before.get().getId());
        }
        Timestamp earlier = before.map(User::getCreateTime).orElse(Timestamps.MIN_VALUE);
        if (Timestamps.compare(earlier, user.getCreateTime()) > 0) {
            report(
                    Loss.UNORDERED,
                    user.getId() + " was created before " + before.get().getId());
        }
    }

    UserHistory of(User user) {
        UserHistory history = users.get(UserHistory.originOf(user));
        if (history == null) {
            throw new AssertionError("Nobody created " + user);
        }
        return history;
    }

    /** Compares everything with the users that are stored at the end. */
    void verify(List<User> stored) {
        Set<UserHistory> found = new HashSet<>();
        for (User user : stored) {
            UserHistory history = of(user);
            if (!found.add(history)) {
                report(Loss.DOUBLED, history.origin() + " is stored more than once");
            }
            history.verify(Optional.of(user));
        }
        for (UserHistory user : users.values()) {
            if (!found.contains(user)) {
                user.verify(Optional.empty());
            }
        }
    }

    /** Returns examples of errors. */
    List<String> quotes() {
        return quotes;
    }

    @Override
    public synchronized String toString() {
        return size() + " changes acknowledged, "
                + List.of(Loss.values()).stream()
                        .map(loss ->
                                losses.getOrDefault(loss, 0) + " " + loss.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
    }

    /** When a creation was acknowledged. */
    record Creation(UserHistory user, long time) {}
}
