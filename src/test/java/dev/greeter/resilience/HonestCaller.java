package dev.greeter.resilience;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Someone who calls SayHello at a steady pace, and remembers how that went. */
final class HonestCaller implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "honest caller");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final Phaser calls = new Phaser(1);
    private final GreeterGrpc.GreeterStub stub;
    private final Runnable afterwards;

    /** Calls {@code batch} times every {@code interval} until closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    HonestCaller(Channel channel, int batch, Duration interval, Runnable afterwards) {
        this.stub = GreeterGrpc.newStub(channel);
        this.afterwards = afterwards;
        pace.scheduleWithFixedDelay(
                () -> {
                    for (int i = 0; i < batch; i++) {
                        greet(stub);
                    }
                },
                0,
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Calls a hundred times a second on a connection of its own, and four times as a newcomer. */
    @SuppressWarnings("FutureReturnValueIgnored")
    static HonestCaller beside(ServerProcess server) {
        ManagedChannel channel = server.channel();
        HonestCaller caller = new HonestCaller(channel, 1, Duration.ofMillis(10), channel::shutdownNow);
        caller.pace.scheduleWithFixedDelay(
                () -> {
                    ManagedChannel fresh = server.channel();
                    caller.greet(GreeterGrpc.newStub(fresh));
                    fresh.shutdown();
                },
                0,
                250,
                TimeUnit.MILLISECONDS);
        return caller;
    }

    private void greet(GreeterGrpc.GreeterStub stub) {
        long begin = System.nanoTime();
        calls.register();
        stub.withDeadlineAfter(PATIENCE)
                .sayHello(HelloRequest.newBuilder().setName("Ada").build(), new StreamObserver<>() {
                    @Override
                    public void onNext(HelloReply reply) {}

                    @Override
                    public void onError(Throwable failure) {
                        failures.merge(briefly(Status.fromThrowable(failure)), 1, Integer::sum);
                        calls.arriveAndDeregister();
                    }

                    @Override
                    public void onCompleted() {
                        nanos.add(System.nanoTime() - begin);
                        calls.arriveAndDeregister();
                    }
                });
    }

    private static String briefly(Status status) {
        String description = String.valueOf(status.getDescription());
        return status.getCode() + " (" + description.split("[0-9.]", 2)[0].trim() + ")";
    }

    /** Returns the number of calls that have ended. */
    int made() {
        return nanos.size()
                + failures.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Makes no more calls, and returns how those made have ended. */
    Summary stop() throws InterruptedException {
        pace.shutdown();
        pace.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        calls.arriveAndAwaitAdvance();
        afterwards.run();
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Summary(sorted.length, percentile(sorted, 50), percentile(sorted, 99), Map.copyOf(failures));
    }

    private static Duration percentile(long[] sorted, int percent) {
        return sorted.length == 0
                ? Duration.ZERO
                : Duration.ofNanos(sorted[(int) ((sorted.length - 1) * (long) percent / 100)]);
    }

    @Override
    public void close() {
        pace.shutdownNow();
        afterwards.run();
    }

    /** How the calls ended: how many well, how fast, and the others by their status. */
    record Summary(int succeeded, Duration median, Duration p99, Map<String, Integer> failures) {

        int failed() {
            return failures.values().stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public String toString() {
            return succeeded + " calls, " + failed() + " failed, p99 " + p99.toMillis() + " ms"
                    + (failures.isEmpty() ? "" : " " + failures);
        }
    }
}
