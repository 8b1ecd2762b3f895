package dev.greeter.resilience;

import dev.greeter.proto.users.v1.User;
import dev.greeter.resilience.Ledger.Loss;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The attempted and acknowledged changes of one user, and the values that callers read. Each change has a number,
 * which is in the name of the user: so the stored name identifies its change, and the changes before it can be derived.
 */
final class UserHistory {

    private static final int STALE_ETAGS = 100;
    private static final long CREATION = 0;

    private final Ledger ledger;
    private final String origin = UUID.randomUUID().toString();
    private final Map<Long, String> tried = new HashMap<>(2);
    private final Map<String, Long> changes = new HashMap<>(2);
    private final Map<String, Long> winners = new HashMap<>(2);
    private final Deque<String> stale = new ArrayDeque<>(0);
    private final Set<String> deletions = new HashSet<>(0);
    private final List<Reading> readings = new ArrayList<>(0);
    private Optional<String> deletedWith = Optional.empty();
    private User created;
    private User latest;
    private boolean attempted;
    private boolean acknowledged;
    private volatile boolean mayBeDeleted;
    private volatile long acknowledgedChange = CREATION;

    UserHistory(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Identifies the user, in requests too: a UUID, which also serves as the request_id. */
    String origin() {
        return origin;
    }

    User asCreated() {
        return User.newBuilder()
                .setName(name(CREATION))
                .setEmail(origin + "@example.org")
                .build();
    }

    String name(long change) {
        return origin + " " + change;
    }

    static String originOf(User user) {
        return user.getName().split(" ", 2)[0];
    }

    private static long changeOf(User user) {
        return Long.parseLong(user.getName().split(" ", 2)[1]);
    }

    /** Returns whether nobody has tried to create the user before. */
    synchronized boolean tryCreate() {
        boolean first = !attempted;
        attempted = true;
        return first;
    }

    /** The creation was answered with this user: always with the same. */
    synchronized void created(User reply) {
        if (created == null) {
            created = reply;
            latest = reply;
            ledger.highestId(reply.getId());
            changes.put(reply.getEtag(), CREATION);
            acknowledge();
        } else if (!created.equals(reply)) {
            ledger.report(Loss.DOUBLED, "request_id " + origin + " was answered with " + created + " and " + reply);
        }
    }

    /** An import that this user was part of was answered. */
    synchronized void imported() {
        if (!acknowledged) {
            acknowledge();
        }
    }

    private void acknowledge() {
        acknowledged = true;
        ledger.acknowledged(this);
    }

    synchronized Optional<User> latest() {
        return Optional.ofNullable(latest);
    }

    /** Returns the number of a change that is attempted now, with this etag. */
    synchronized long tryUpdate(String etag) {
        long change = ledger.nextChange();
        tried.put(change, etag);
        return change;
    }

    synchronized void updated(long change, User reply) {
        String etag = tried.get(change);
        won(etag, change);
        learn(reply);
        acknowledgedChange = change;
        stale.addLast(etag);
        if (stale.size() > STALE_ETAGS) {
            stale.removeFirst();
        }
    }

    private void won(String etag, long change) {
        Long other = winners.put(etag, change);
        if (other != null) {
            ledger.report(Loss.DOUBLED, "etag " + etag + " of " + origin + " was won by " + other + " and " + change);
        }
    }

    /** Returns an etag that an acknowledged change has made stale, the last one at first. */
    synchronized Optional<String> staleEtag(int age) {
        return stale.stream().skip(Math.max(0, stale.size() - 1 - age)).findFirst();
    }

    synchronized void tryDelete(String etag) {
        if (!winners.containsKey(etag)) {
            deletions.add(etag);
            mayBeDeleted = true;
        }
    }

    synchronized void deleted(String etag) {
        won(etag, ledger.nextChange());
        deletedWith = Optional.of(etag);
    }

    boolean mayBeDeleted() {
        return mayBeDeleted;
    }

    /** Returns the last acknowledged change, as an argument of {@link #read} for later reads. */
    long acknowledgedChange() {
        return acknowledgedChange;
    }

    synchronized int acknowledgedChanges() {
        return winners.size();
    }

    /** Records a read after that change was acknowledged. */
    synchronized void read(User user, long before) {
        learn(user);
        long change = changeOf(user);
        if (change != before) {
            readings.add(new Reading(change, before));
        }
    }

    private void learn(User user) {
        latest = user;
        Long other = changes.put(user.getEtag(), changeOf(user));
        // A killed H2 may lose changes that others have read before they were durable, unless they were acknowledged.
        if (other != null && other != changeOf(user) && winners.containsValue(other)) {
            ledger.report(Loss.DOUBLED, "etag " + user.getEtag() + " of " + origin + " stands for two users");
        }
    }

    /** Records that the user was not found. */
    synchronized void missing() {
        if (acknowledged && !mayBeDeleted) {
            ledger.report(Loss.LOST, origin + " was not found");
        }
    }

    /** Compares the history with the user that is stored at the end. */
    synchronized void verify(Optional<User> stored) {
        if (stored.isPresent()) {
            learn(stored.get());
            deletedWith.ifPresent(etag -> ledger.report(Loss.UNDONE, origin + " was deleted with etag " + etag));
            verifyChanges(path(changeOf(stored.get())));
        } else if (deletedWith.isPresent()) {
            verifyChanges(path(changes.get(deletedWith.get())));
        } else if (!deletions.isEmpty()) {
            verifyChanges(deletions.stream()
                    .map(etag -> path(changes.get(etag)))
                    .filter(path -> path.keySet().containsAll(updates()))
                    .findFirst()
                    .orElse(Map.of()));
        } else if (acknowledged) {
            ledger.report(Loss.LOST, origin + " is not stored");
        }
    }

    private Set<Long> updates() {
        Set<Long> updates = new HashSet<>(winners.values());
        deletedWith.ifPresent(etag -> updates.remove(winners.get(etag)));
        return updates;
    }

    private void verifyChanges(Map<Long, Integer> path) {
        for (long change : updates()) {
            if (!path.containsKey(change)) {
                ledger.report(Loss.UNDONE, "change " + change + " of " + origin + " was acknowledged");
            }
        }
        for (Reading reading : readings) {
            Integer back = path.get(reading.change);
            Integer expected = path.get(reading.before);
            if (back != null && expected != null && back > expected) {
                ledger.report(
                        Loss.UNDONE,
                        "change " + reading.change + " of " + origin + " was read after " + reading.before
                                + " had been acknowledged");
            }
        }
    }

    /** Returns the changes that led to this one, each with the number of changes after it. */
    private Map<Long, Integer> path(Long last) {
        Map<Long, Integer> path = new HashMap<>();
        Long change = last;
        while (change != null && path.putIfAbsent(change, path.size()) == null) {
            change = changes.get(tried.get(change));
        }
        return path;
    }

    @Override
    public synchronized String toString() {
        return origin + (acknowledged ? ", acknowledged" : ", not acknowledged") + (mayBeDeleted ? ", deleted, " : ", ")
                + winners.size() + " changes";
    }

    private record Reading(long change, long before) {}
}
