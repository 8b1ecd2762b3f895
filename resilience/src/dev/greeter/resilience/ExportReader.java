package dev.greeter.resilience;

import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Ledger.Creation;
import dev.greeter.resilience.Ledger.Loss;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Exports all users, reading steadily, but slowly. */
final class ExportReader implements Caller {

    private static final Set<String> REASONS = Set.of("EXPORTS_EXHAUSTED");

    private final Channel channel;
    private final Calls calls;
    private final Ledger ledger;
    private final Duration pause;

    ExportReader(Channel channel, Calls calls, Ledger ledger, Duration pause) {
        this.channel = channel;
        this.calls = calls;
        this.ledger = ledger;
        this.pause = pause;
    }

    @Override
    public boolean call() throws InterruptedException {
        return export().isPresent();
    }

    /** Returns all users, or nothing if the export did not come to its end. */
    Optional<List<User>> export() throws InterruptedException {
        long begin = System.nanoTime();
        List<User> users = new ArrayList<>();
        Set<UserHistory> seen = new HashSet<>();
        Optional<User> previous = Optional.empty();
        Status status = Status.OK;
        String reason = "";
        try {
            Iterator<ExportUsersResponse> responses = UserServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(Duration.ofMinutes(10))
                    .exportUsers(ExportUsersRequest.getDefaultInstance());
            while (responses.hasNext()) {
                User user = responses.next().getUser();
                ledger.inOrder(previous, user);
                previous = Optional.of(user);
                users.add(user);
                seen.add(ledger.of(user));
                Thread.sleep(pause.toMillis());
            }
            checkCreatedBefore(begin, seen);
        } catch (StatusRuntimeException e) {
            status = e.getStatus();
            reason = Calls.reason(e);
        }
        calls.ended(UserServiceGrpc.getExportUsersMethod(), status, reason, REASONS);
        return status.isOk() ? Optional.of(users) : Optional.empty();
    }

    private void checkCreatedBefore(long time, Set<UserHistory> seen) {
        for (Creation creation : ledger.creations()) {
            if (creation.time() - time >= 0) {
                return;
            }
            UserHistory user = creation.user();
            if (!seen.contains(user) && !user.mayBeDeleted()) {
                ledger.report(Loss.MISSED, user.origin() + " did not come in an export");
            }
        }
    }
}
