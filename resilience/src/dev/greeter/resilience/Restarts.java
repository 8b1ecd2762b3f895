package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.client.InjectedChannel;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.resilience.HonestCaller.Summary;
import dev.greeter.resilience.ServerProcess.Stop;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Servers that stop, in order or not, while calls continue. */
final class Restarts {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

    /** The first compiler alone, which shortens each start. */
    private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=1");

    private Restarts() {}

    static List<Scenario> scenarios(boolean quick) {
        return List.of(
                new Scenario("stop: with open calls", Duration.ofMinutes(5), Restarts::stopWithOpenCalls),
                new Scenario(
                        "rolling restart: no call is lost",
                        Duration.ofMinutes(10),
                        () -> rollingRestart(quick ? 20_000 : 100_000)),
                new Scenario("kill: no idempotent call fails", Duration.ofMinutes(5), Restarts::kill));
    }

    /** A Watch and a reflection stream, which never end, must not delay the stop; a call in progress must. */
    private static String stopWithOpenCalls() throws Exception {
        try (ServerProcess server = ServerProcess.start(JVM)) {
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

    /** Restarts two replicas in turn under two callers: one watches the health, one reacts only to GOAWAY. */
    private static String rollingRestart(int enough) throws Exception {
        List<ServerProcess> servers = new ArrayList<>(List.of(start(0), start(0)));
        int[] ports = servers.stream().mapToInt(ServerProcess::port).toArray();
        Answers plainAnswers = new Answers();
        Answers checkedAnswers = new Answers();
        ManagedChannel plain =
                roundRobin(ports).disableRetry().intercept(plainAnswers).build();
        ManagedChannel checked = roundRobin(ports)
                .disableRetry()
                .intercept(checkedAnswers)
                .defaultServiceConfig(Map.of("healthCheckConfig", Map.of("serviceName", "helloworld.Greeter")))
                .build();
        try (HonestCaller one = steady(plain, plain::shutdownNow);
                HonestCaller other = steady(checked, checked::shutdownNow)) {
            int restarts = 0;
            while (restarts < ports.length || one.made() + other.made() < enough) {
                int i = restarts++ % ports.length;
                Stop stop = servers.get(i).terminate(STOP_LIMIT);
                check(stop.exitCode() == 0, "exit code " + stop.exitCode());
                servers.set(i, start(ports[i]));
                // A rollout waits for this before it continues: the callers have returned.
                plain.resetConnectBackoff();
                checked.resetConnectBackoff();
                plainAnswers.await(ports[i]);
                checkedAnswers.await(ports[i]);
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

    /** Kills one of two servers under a caller with the channel that Greeter's clients get. */
    private static String kill() throws Exception {
        try (ServerProcess victim = start(0);
                ServerProcess survivor = start(0);
                InjectedChannel channel = new InjectedChannel("static://" + addresses(victim.port(), survivor.port()));
                HonestCaller caller = steady(channel.channel(), channel::close)) {
            caller.awaitMore(2_000);
            victim.kill();
            caller.awaitMore(3_000);
            check(survivor.alive(), "the other server died too");
            Summary calls = caller.stop();
            check(calls.failed() == 0, calls.toString());
            return calls.toString();
        }
    }

    /** A thousand calls a second. */
    private static HonestCaller steady(Channel channel, Runnable afterwards) {
        return HonestCaller.greeting(channel, 10, Duration.ofMillis(10), afterwards);
    }

    private static ServerProcess start(int port) throws Exception {
        return ServerProcess.start(port, List.of(), JVM);
    }

    static ManagedChannelBuilder<?> roundRobin(int... ports) {
        return ManagedChannelBuilder.forTarget(
                        "static://" + URLEncoder.encode(addresses(ports), StandardCharsets.UTF_8))
                .usePlaintext()
                .defaultLoadBalancingPolicy("round_robin");
    }

    private static String addresses(int... ports) {
        return IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
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

    /** Waits until a server answers a call on a channel. */
    private static final class Answers implements ClientInterceptor {

        private final Map<Integer, CountDownLatch> awaited = new ConcurrentHashMap<>();

        void await(int port) throws InterruptedException {
            CountDownLatch answer = new CountDownLatch(1);
            awaited.put(port, answer);
            check(answer.await(30, TimeUnit.SECONDS), "the restarted server on port " + port + " got no call");
        }

        @Override
        public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
                MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<RespT> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onHeaders(Metadata answered) {
                                    SocketAddress server = getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
                                    CountDownLatch answer = awaited.remove(((InetSocketAddress) server).getPort());
                                    if (answer != null) {
                                        answer.countDown();
                                    }
                                    super.onHeaders(answered);
                                }
                            },
                            headers);
                }
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
