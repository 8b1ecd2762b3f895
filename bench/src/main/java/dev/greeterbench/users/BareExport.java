package dev.greeterbench.users;

import com.google.protobuf.Timestamp;
import dev.greeter.proto.users.v1.ExportUsersRequest;
import dev.greeter.proto.users.v1.ExportUsersResponse;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** A grpc-java server that exports users from memory, and nothing else. */
final class BareExport extends UserServiceGrpc.UserServiceImplBase {

    private static final int KEPT = 10_000;

    private final List<ExportUsersResponse> users =
            IntStream.range(0, KEPT).mapToObj(BareExport::response).toList();
    private final int rows;

    private BareExport(int rows) {
        this.rows = rows;
    }

    /** @param args how many users an export sends */
    public static void main(String[] args) throws Exception {
        Server server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new BareExport(Integer.parseInt(args[0])))
                .build()
                .start();
        System.out.println("gRPC Server started, listening on address: *, port: " + server.getPort());
        server.awaitTermination();
    }

    @Override
    public void exportUsers(ExportUsersRequest request, StreamObserver<ExportUsersResponse> responses) {
        var call = (ServerCallStreamObserver<ExportUsersResponse>) responses;
        call.setOnReadyHandler(new Runnable() {
            private int next;

            @Override
            public void run() {
                while (call.isReady() && next < rows) {
                    call.onNext(users.get(next % KEPT));
                    if (++next == rows) {
                        call.onCompleted();
                    }
                }
            }
        });
    }

    private static ExportUsersResponse response(int number) {
        Timestamp time = Timestamp.newBuilder()
                .setSeconds(1_800_000_000L + number)
                .setNanos(123_456_000)
                .build();
        User user = UsersBenchmark.user("user" + number).toBuilder()
                .setId(UUID.randomUUID().toString())
                .setCreateTime(time)
                .setUpdateTime(time)
                .setEtag("1")
                .build();
        return ExportUsersResponse.newBuilder().setUser(user).build();
    }
}
