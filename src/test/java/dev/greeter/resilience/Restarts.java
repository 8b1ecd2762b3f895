package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.resilience.HonestCaller.Summary;
import dev.greeter.resilience.ServerProcess.Stop;
import io.grpc.EquivalentAddressGroup;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Servers that stop, in order or not, under callers who go on. */
final class Restarts {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

    private Restarts() {}

    static {
        NameResolverRegistry.getDefaultRegistry().register(new Replicas());
    }

    static List<Scenario> scenarios(boolean quick) {
        return List.of(
                new Scenario("stop: with open calls", Duration.ofMinutes(5), Restarts::stopWithOpenCalls),
                new Scenario(
                        "rolling restart: no call is lost",
                        Duration.ofMinutes(10),
                        () -> rollingRestart(quick ? 20_000 : 100_000)),
                new Scenario("kill: no idempotent call fails", Duration.ofMinutes(5), Restarts::kill));
    }

    /** A Watch and a reflection stream, which have no end, must not hold the stop; a call at work must. */
    private static String stopWithOpenCalls() throws Exception {
        try (ServerProcess server = ServerProcess.start(List.of())) {
            ManagedChannel channel = server.channel();
            try {
                Events<HealthCheckResponse> watch = new Events<>();
                HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
                Events<ServerReflectionResponse> reflection = new Events<>();
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(reflection)
                        .onNext(ServerReflectionRequest.newBuilder()
                                .setListServices("")
                                .build());
                Events<HelloReply> replies = new Events<>();
                StreamObserver<HelloRequest> requests =
                        GreeterGrpc.newStub(channel).sayHelloBidiStream(replies);
                requests.onNext(hello());
                watch.expect("SERVING");
                reflection.expect("helloworld.Greeter");
                replies.expect("Hello, Ada!");

                long begin = System.nanoTime();
                Thread later = new Thread(() -> {
                    sleep(1_500);
                    requests.onNext(hello());
                    requests.onCompleted();
                });
                later.start();
                Stop stop = server.terminate(STOP_LIMIT);
                later.join();
                watch.expect("NOT_SERVING");
                watch.expectEnd();
                reflection.expectEnd();
                replies.expect("Hello, Ada!");
                replies.expect("completed");
                check(stop.exitCode() == 0, "exit code " + stop.exitCode());
                check(stop.duration().toSeconds() < 15, "the stop took " + stop.duration());
                return "exit code 0 after "
                        + Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms";
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Restarts one of two replicas after the other, under two callers: one looks at health, one only at GOAWAY. */
    private static String rollingRestart(int enough) throws Exception {
        int[] ports = {ServerProcess.freePort(), ServerProcess.freePort()};
        List<ServerProcess> servers = new ArrayList<>();
        for (int port : ports) {
            servers.add(start(port));
        }
        ManagedChannel plain = roundRobin(ports).disableRetry().build();
        ManagedChannel checked = roundRobin(ports)
                .disableRetry()
                .defaultServiceConfig(Map.of("healthCheckConfig", Map.of("serviceName", "helloworld.Greeter")))
                .build();
        try (HonestCaller one = steady(plain);
                HonestCaller other = steady(checked)) {
            int restarts = 0;
            while (restarts < ports.length || one.made() + other.made() < enough) {
                int i = restarts++ % ports.length;
                Stop stop = servers.get(i).terminate(STOP_LIMIT);
                check(stop.exitCode() == 0, "exit code " + stop.exitCode());
                servers.set(i, start(ports[i]));
                // What a rollout waits for before it goes on: the callers have come back.
                plain.resetConnectBackoff();
                checked.resetConnectBackoff();
                Thread.sleep(2_000);
            }
            Summary first = one.stop();
            Summary second = other.stop();
            String seen = restarts + " restarts; by GOAWAY: " + first + "; by health: " + second;
            check(first.failed() + second.failed() == 0, seen);
            return seen;
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    /** Kills one of two servers under a caller who tries greetings again, as they may be. */
    private static String kill() throws Exception {
        int[] ports = {ServerProcess.freePort(), ServerProcess.freePort()};
        ManagedChannel channel = roundRobin(ports)
                .enableRetry()
                .defaultServiceConfig(Map.of(
                        "methodConfig",
                        List.of(Map.of(
                                "name",
                                List.of(Map.of("service", "helloworld.Greeter", "method", "SayHello")),
                                "retryPolicy",
                                Map.of(
                                        "maxAttempts",
                                        3.0,
                                        "initialBackoff",
                                        "0.05s",
                                        "maxBackoff",
                                        "1s",
                                        "backoffMultiplier",
                                        2.0,
                                        "retryableStatusCodes",
                                        List.of("UNAVAILABLE"))))))
                .build();
        try (ServerProcess victim = start(ports[0]);
                ServerProcess survivor = start(ports[1]);
                HonestCaller caller = steady(channel)) {
            Thread.sleep(2_000);
            victim.kill();
            Thread.sleep(3_000);
            check(survivor.alive(), "the other server died too");
            Summary calls = caller.stop();
            check(calls.failed() == 0, calls.toString());
            return calls.toString();
        }
    }

    /** A thousand calls a second. */
    private static HonestCaller steady(ManagedChannel channel) {
        return new HonestCaller(channel, 10, Duration.ofMillis(10), channel::shutdownNow);
    }

    private static ServerProcess start(int port) throws Exception {
        return ServerProcess.start(port, List.of(), List.of());
    }

    private static ManagedChannelBuilder<?> roundRobin(int... ports) {
        return ManagedChannelBuilder.forTarget("replicas:///" + ports[0] + "," + ports[1])
                .usePlaintext()
                .defaultLoadBalancingPolicy("round_robin");
    }

    private static HelloRequest hello() {
        return HelloRequest.newBuilder().setName("Ada").build();
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Resolves {@code replicas:///PORT,PORT}; the starter's {@code static:} takes no comma on this grpc-java. */
    private static final class Replicas extends NameResolverProvider {

        private static final Pattern COMMA = Pattern.compile(",");

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public String getDefaultScheme() {
            return "replicas";
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "localhost";
                }

                @Override
                public void start(Listener2 listener) {
                    List<EquivalentAddressGroup> addresses = COMMA.splitAsStream(
                                    target.getPath().substring(1))
                            .map(port ->
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)))
                            .map(EquivalentAddressGroup::new)
                            .toList();
                    listener.onResult(ResolutionResult.newBuilder()
                            .setAddressesOrError(StatusOr.fromValue(addresses))
                            .build());
                }

                @Override
                public void shutdown() {}
            };
        }
    }

    /** What a caller of a stream has received, in order. */
    private static final class Events<T> implements StreamObserver<T> {

        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

        void expect(String text) throws InterruptedException {
            String event = next();
            check(event.contains(text), "received " + event + " instead of " + text);
        }

        void expectEnd() throws InterruptedException {
            String event = next();
            check(event.equals("completed") || event.startsWith("ended"), "received " + event + " instead of an end");
        }

        private String next() throws InterruptedException {
            return String.valueOf(events.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public void onNext(T message) {
            events.add(message.toString());
        }

        @Override
        public void onError(Throwable failure) {
            events.add("ended by " + failure.getMessage());
        }

        @Override
        public void onCompleted() {
            events.add("completed");
        }
    }
}
