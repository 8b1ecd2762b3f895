package dev.greeter.resilience;

import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.Ledger.Creation;
import dev.greeter.resilience.Ledger.Loss;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Exports all users, reading steadily but slowly, and continues an interrupted export after its last user. */
final class ExportReader implements Caller {

    private static final Set<String> REASONS = Set.of("EXPORTS_EXHAUSTED", "CHANGED_CONCURRENTLY");
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Channel channel;
    private final Calls calls;
    private final Ledger ledger;
    private final Duration pause;
    private final List<User> users = new ArrayList<>();

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

    /** Returns all users, or nothing if the export was interrupted: the next one continues it. */
    Optional<List<User>> export() throws InterruptedException {
        long begin = System.nanoTime();
        Optional<User> previous = users.isEmpty() ? Optional.empty() : Optional.of(users.get(users.size() - 1));
        ExportUsersRequest request = ExportUsersRequest.newBuilder()
                .setAfterId(previous.map(User::getId).orElse(""))
                .build();
        Status status = Status.OK;
        String reason = "";
        BlockingClientCall<?, ExportUsersResponse> call = ClientCalls.blockingV2ServerStreamingCall(
                channel, UserServiceGrpc.getExportUsersMethod(), CallOptions.DEFAULT.withDeadlineAfter(LIMIT), request);
        try {
            ExportUsersResponse response;
            while ((response = call.read()) != null) {
                User user = response.getUser();
                ledger.inOrder(previous, user);
                previous = Optional.of(user);
                users.add(user);
                Thread.sleep(pause.toMillis());
            }
            checkCreatedBefore(begin);
        } catch (StatusException e) {
            status = e.getStatus();
            reason = Calls.reason(e);
        } finally {
            call.cancel("", null);
        }
        calls.ended(UserServiceGrpc.getExportUsersMethod(), status, reason, REASONS);
        if (!status.isOk()) {
            return Optional.empty();
        }
        List<User> all = List.copyOf(users);
        users.clear();
        return Optional.of(all);
    }

    private void checkCreatedBefore(long time) {
        Set<UserHistory> seen = users.stream().map(ledger::of).collect(Collectors.toSet());
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
