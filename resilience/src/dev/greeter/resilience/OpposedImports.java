package dev.greeter.resilience;

import dev.greeter.proto.users.v1.ImportError;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Calls.Outcome;
import dev.greeter.resilience.Ledger.Loss;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Imports the same users twice at the same time, in opposite orders: one of the imports creates each of them. */
final class OpposedImports implements Caller {

    private final Calls calls;
    private final Ledger ledger;
    private final int size;
    private final Consumer<String> surprises;

    OpposedImports(Calls calls, Ledger ledger, int size, Consumer<String> surprises) {
        this.calls = calls;
        this.ledger = ledger;
        this.size = size;
        this.surprises = surprises;
    }

    @Override
    public boolean call() throws Exception {
        List<UserHistory> users = Stream.generate(ledger::newUser).limit(size).toList();
        List<UserHistory> opposed = new ArrayList<>(users);
        Collections.reverse(opposed);
        CompletableFuture<Boolean> other = new CompletableFuture<>();
        long[] created = new long[2];
        Thread thread = new Thread(
                () -> {
                    try {
                        other.complete(send(opposed, created, 1));
                    } catch (Throwable e) {
                        other.completeExceptionally(e);
                    }
                },
                "opposed import");
        thread.setDaemon(true);
        thread.start();
        boolean clear = send(users, created, 0);
        if (!other.get() || !clear) {
            return false;
        }
        if (created[0] + created[1] != size) {
            ledger.report(
                    created[0] + created[1] > size ? Loss.DOUBLED : Loss.LOST,
                    "of " + size + " users two imports created " + created[0] + " and " + created[1]);
        }
        return true;
    }

    /** Returns whether the import got an answer at once; otherwise it is repeated until it gets one. */
    private boolean send(List<UserHistory> users, long[] created, int place) throws InterruptedException {
        List<ImportUsersRequest> requests = users.stream()
                .map(user -> ImportUsersRequest.newBuilder()
                        .setUser(user.asCreated())
                        .build())
                .toList();
        boolean clear = true;
        Outcome<ImportUsersResponse> outcome =
                calls.stream(UserServiceGrpc.getImportUsersMethod(), requests, Calls.PATIENT);
        while (!outcome.acknowledged()) {
            clear = false;
            Thread.sleep(200);
            outcome = calls.stream(UserServiceGrpc.getImportUsersMethod(), requests, Calls.PATIENT);
        }
        ImportUsersResponse response = outcome.reply();
        if (response.getCreatedCount() + response.getFailedCount() != size
                || response.getErrorsList().stream()
                        .anyMatch(error -> !error.getReason().equals("EMAIL_TAKEN"))) {
            surprises.accept("an import of " + size + " users was answered with " + response);
        }
        List<Long> positions =
                response.getErrorsList().stream().map(ImportError::getIndex).toList();
        if (!positions.stream().sorted().toList().equals(positions)) {
            surprises.accept("the errors of an import are not in order");
        }
        users.forEach(UserHistory::imported);
        created[place] = response.getCreatedCount();
        return clear;
    }
}
