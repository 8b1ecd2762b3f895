package dev.greeter.resilience;

import static dev.greeter.test.RawConnection.*;

import dev.greeter.credentials.BearerCredentials;
import dev.greeter.proto.users.v1.CreateUserRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.ListUsersRequest;
import dev.greeter.proto.users.v1.User;
import dev.greeter.proto.users.v1.UserServiceGrpc;
import dev.greeter.resilience.HonestCaller.Summary;
import dev.greeter.resilience.LoadGenerator.Call;
import dev.greeter.resilience.LoadGenerator.Load;
import dev.greeter.resilience.Overload.Cores;
import dev.greeter.resilience.Overload.Round;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** More calls to the User service than it can answer: it must answer as many as it can, without effect on greetings. */
final class WorkerOverload {

    private WorkerOverload() {}

    static List<Scenario> scenarios(boolean quick) {
        return List.of(new Scenario(
                "overload of the workers: users at 4 times the peak, greetings beside",
                Duration.ofMinutes(4),
                () -> overload(Duration.ofSeconds(quick ? 2 : 4))));
    }

    private static String overload(Duration duration) throws Exception {
        try (Cores cores = Cores.divide();
                ServerProcess server = ServerProcess.start(0, cores.ofServer(), Overload.JVM)) {
            server.awaitHealthy(UserServiceGrpc.SERVICE_NAME);
            Users users = new Users(server.developmentToken(), server);
            // The compiler must also see refused calls.
            round(server, users, duration);
            return Overload.hold(() -> round(server, users, duration));
        }
    }

    private static Result round(ServerProcess server, Users users, Duration duration) throws Exception {
        Load peak;
        try (LoadGenerator generator = new LoadGenerator(server.port(), 8, 8, users)) {
            peak = generator.closedLoop(duration);
        }
        long memory = server.residentMemory();
        Load fourTimes;
        Summary greetings;
        Summary reads;
        try (LoadGenerator generator = new LoadGenerator(server.port(), 16, 100, users);
                HonestCaller greeting = HonestCaller.beside(server);
                HonestCaller reading = users.reader(server)) {
            fourTimes = generator.openLoop(duration, 4 * peak.good());
            greetings = greeting.stop();
            reads = reading.stop();
        }
        long growth = server.residentMemory() - memory;
        Thread.sleep(1_000);
        Load normal;
        try (LoadGenerator generator = new LoadGenerator(server.port(), 8, 8, users)) {
            normal = generator.openLoop(Duration.ofSeconds(1), peak.good() / 4);
        }
        return new Result(peak, fourTimes, greetings, reads, growth, normal);
    }

    /** The results of a server at its peak, beyond it, and a second later. */
    private record Result(Load peak, Load fourTimes, Summary greetings, Summary reads, long growth, Load normal)
            implements Round {

        @Override
        public boolean holds() {
            return fourTimes.good() >= 0.9 * peak.good()
                    && fourTimes.p99().toMillis() < 1_000
                    && greetings.failed() == 0
                    && greetings.p99().toMillis() < 1_000
                    && reads.onlyRefused()
                    && growth < 64
                    && normal.bad() == 0
                    && normal.good() >= 0.95 * normal.offered()
                    && normal.p99().toMillis() < 200;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "peak %s; 4x: %.0f %% of it, %s; greetings and health beside it: %s; a reader: %s; memory %+d MiB;"
                            + " a second later: %s",
                    peak,
                    100 * fourTimes.good() / peak.good(),
                    fourTimes,
                    greetings,
                    reads,
                    growth,
                    normal);
        }
    }

    /** Of ten calls eight that read a user, one that lists some and one that creates one. */
    private static final class Users implements Supplier<Call> {

        private static final String SERVICE = "/" + UserServiceGrpc.SERVICE_NAME + "/";

        private final BearerCredentials credentials;
        private final String id;
        private final byte[] creation;
        private final Call get;
        private final Call list;
        private long calls;

        Users(String token, ServerProcess server) {
            credentials = new BearerCredentials(() -> token, BearerCredentials.Reach.LOOPBACK);
            ManagedChannel channel = server.channel();
            try {
                id = UserServiceGrpc.newBlockingStub(channel)
                        .withCallCredentials(credentials)
                        .createUser(creation(0))
                        .getId();
            } finally {
                channel.shutdownNow();
            }
            String bearer = "Bearer " + token;
            creation = call(SERVICE + "CreateUser", "authorization", bearer);
            get = new Call(
                    call(SERVICE + "GetUser", "authorization", bearer),
                    message(GetUserRequest.newBuilder().setId(id).build().toByteArray()));
            list = new Call(
                    call(SERVICE + "ListUsers", "authorization", bearer),
                    message(ListUsersRequest.newBuilder()
                            .setPageSize(10)
                            .build()
                            .toByteArray()));
        }

        @Override
        public Call get() {
            long call = ++calls;
            return switch ((int) (call % 10)) {
                case 0 -> list;
                case 5 -> new Call(creation, message(creation(call).toByteArray()));
                default -> get;
            };
        }

        HonestCaller reader(ServerProcess server) {
            ManagedChannel channel = server.channel();
            return HonestCaller.reading(
                    channel, UserServiceGrpc.newStub(channel).withCallCredentials(credentials), id);
        }

        private static CreateUserRequest creation(long number) {
            return CreateUserRequest.newBuilder()
                    .setUser(User.newBuilder().setName("Ada").setEmail("ada" + number + "@example.org"))
                    .build();
        }
    }
}
