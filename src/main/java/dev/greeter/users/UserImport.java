package dev.greeter.users;

import dev.greeter.proto.users.v1.ImportError;
import dev.greeter.proto.users.v1.ImportUsersRequest;
import dev.greeter.proto.users.v1.ImportUsersResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stores the users of a stream batch by batch, and requests the next batch when the last one is stored. */
final class UserImport implements StreamObserver<ImportUsersRequest> {

    static final int BATCH_SIZE = 500;
    static final int MAX_ERRORS = 1_000;

    private final UserRepository users;
    private final ServerCallStreamObserver<ImportUsersResponse> call;
    private final List<UserProfile> batch = new ArrayList<>(BATCH_SIZE);
    private final long[] positions = new long[BATCH_SIZE];
    private final SortedMap<Long, List<Violation>> refused = new TreeMap<>();
    private final ImportUsersResponse.Builder result = ImportUsersResponse.newBuilder();
    private long received;

    UserImport(UserRepository users, ServerCallStreamObserver<ImportUsersResponse> call) {
        this.users = users;
        this.call = call;
        call.disableAutoRequest();
        call.request(BATCH_SIZE);
    }

    @Override
    public void onNext(ImportUsersRequest request) {
        RequestReader reader = new RequestReader();
        reader.present(request.hasUser());
        UserProfile profile = request.hasUser() ? reader.profile(request.getUser()) : null;
        if (profile == null) {
            refused.put(received, reader.violations());
        } else {
            positions[batch.size()] = received;
            batch.add(profile);
        }
        received++;
        if (received % BATCH_SIZE == 0) {
            store();
            call.request(BATCH_SIZE);
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        batch.clear();
    }

    @Override
    public void onCompleted() {
        store();
        call.onNext(result.build());
        call.onCompleted();
    }

    private void store() {
        if (!batch.isEmpty()) {
            boolean[] created = users.createAll(batch);
            for (int i = 0; i < created.length; i++) {
                if (created[i]) {
                    result.setCreatedCount(result.getCreatedCount() + 1);
                } else {
                    String email = batch.get(i).email().value();
                    refused.put(
                            positions[i],
                            List.of(new Violation("user.email", "EMAIL_TAKEN", "belongs to another user: " + email)));
                }
            }
            batch.clear();
        }
        refused.forEach(this::report);
        refused.clear();
    }

    private void report(long position, List<Violation> violations) {
        result.setFailedCount(result.getFailedCount() + 1);
        for (Violation violation : violations) {
            if (result.getErrorsCount() < MAX_ERRORS) {
                result.addErrors(ImportError.newBuilder()
                        .setIndex(position)
                        .setField(violation.field())
                        .setReason(violation.reason())
                        .setDescription(violation.field() + " " + violation.description()));
            }
        }
    }
}
