package dev.greeter.resilience;

import com.google.rpc.RetryInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.proto.users.v1.GetUserRequest;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceStub;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A caller that makes calls at a steady pace while few of them are open, and records how they ended. */
final class HonestCaller implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MOST_SECONDS = 60;

    /** Fewer than a connection accepts: grpc-java keeps the others back, and sends them even after a GOAWAY. */
    private static final int MOST_OPEN = 90;

    private static final String RETRY = " with RetryInfo";

    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "honest caller");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final AtomicReference<String> unexplained = new AtomicReference<>("");
    private final Phaser calls = new Phaser(1);
    private final Semaphore ended = new Semaphore(0);
    private final Semaphore open = new Semaphore(MOST_OPEN);
    private final Channel channel;
    private final Runnable afterwards;

    private HonestCaller(Channel channel, Runnable afterwards) {
        this.channel = channel;
        this.afterwards = afterwards;
    }

    /** Calls SayHello {@code batch} times every {@code interval} until closed. */
    static HonestCaller greeting(Channel channel, int batch, Duration interval, Runnable afterwards) {
        HonestCaller caller = new HonestCaller(channel, afterwards);
        caller.every(interval, () -> {
            for (int i = 0; i < batch; i++) {
                caller.greet(caller.channel);
            }
        });
        return caller;
    }

    /** Calls SayHello 100 times a second, checks the health 10 times, and greets on a new connection 4 times. */
    static HonestCaller beside(ServerProcess server) {
        ManagedChannel channel = server.channel();
        HonestCaller caller = greeting(channel, 1, Duration.ofMillis(10), channel::shutdownNow);
        caller.every(
                Duration.ofMillis(100),
                () -> HealthGrpc.newStub(channel)
                        .withDeadlineAfter(PATIENCE)
                        .check(HealthCheckRequest.getDefaultInstance(), caller.new Answer<>()));
        caller.every(Duration.ofMillis(250), () -> {
            ManagedChannel fresh = server.channel();
            caller.greet(fresh);
            fresh.shutdown();
        });
        return caller;
    }

    /** Reads the same user fifty times a second. */
    static HonestCaller reading(ManagedChannel channel, UserServiceStub users, String id) {
        HonestCaller caller = new HonestCaller(channel, channel::shutdownNow);
        GetUserRequest user = GetUserRequest.newBuilder().setId(id).build();
        caller.every(
                Duration.ofMillis(20), () -> users.withDeadlineAfter(PATIENCE).getUser(user, caller.new Answer<>()));
        return caller;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    private void every(Duration interval, Runnable call) {
        pace.scheduleWithFixedDelay(call, 0, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void greet(Channel server) {
        GreeterGrpc.newStub(server)
                .withDeadlineAfter(PATIENCE)
                .sayHello(HelloRequest.newBuilder().setName("Ada").build(), new Answer<>());
    }

    /** How one call ends, and when. */
    private final class Answer<T> implements StreamObserver<T> {

        private final long begin;

        Answer() {
            open.acquireUninterruptibly();
            calls.register();
            begin = System.nanoTime();
        }

        @Override
        public void onNext(T reply) {}

        @Override
        public void onError(Throwable failure) {
            String kind = briefly(failure);
            if (failures.merge(kind, 1, Integer::sum) == 1 && !kind.contains(RETRY)) {
                Status status = Status.fromThrowable(failure);
                unexplained.compareAndSet(
                        "", "; the first: " + status.getDescription() + " (" + status.getCause() + ")");
            }
            end();
        }

        @Override
        public void onCompleted() {
            nanos.add(System.nanoTime() - begin);
            end();
        }

        private void end() {
            open.release();
            ended.release();
            calls.arriveAndDeregister();
        }
    }

    private static String briefly(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        boolean retry =
                details != null && details.getDetailsList().stream().anyMatch(detail -> detail.is(RetryInfo.class));
        String description = String.valueOf(status.getDescription());
        return status.getCode() + (retry ? RETRY : "") + " (" + description.split("[0-9.]", 2)[0].trim() + ")";
    }

    /** Returns the number of calls that have ended. */
    int made() {
        return nanos.size()
                + failures.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Waits until this many more calls have ended, with any status. */
    void awaitMore(int calls) throws InterruptedException {
        ended.drainPermits();
        if (!ended.tryAcquire(calls, MOST_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("fewer than " + calls + " calls have ended in " + MOST_SECONDS + " s");
        }
    }

    /** Stops calling, and returns how the calls have ended. */
    Summary stop() throws InterruptedException {
        pace.shutdown();
        pace.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        calls.arriveAndAwaitAdvance();
        afterwards.run();
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Summary(
                sorted.length, percentile(sorted, 50), percentile(sorted, 99), Map.copyOf(failures), unexplained.get());
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

    /**
     * How the calls ended: the number of successes, their times, and the failures by status.
     *
     * @param unexplained all about the first failure that does not ask its caller to retry
     */
    record Summary(int succeeded, Duration median, Duration p99, Map<String, Integer> failures, String unexplained) {

        int failed() {
            return failures.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** Returns whether all failures ask their caller to retry. */
        boolean onlyRefused() {
            return failures.keySet().stream()
                    .allMatch(failure -> failure.startsWith(Status.Code.UNAVAILABLE + RETRY)
                            || failure.startsWith(Status.Code.RESOURCE_EXHAUSTED + RETRY));
        }

        @Override
        public String toString() {
            return succeeded + " calls, " + failed() + " failed, p99 " + p99.toMillis() + " ms"
                    + (failures.isEmpty() ? "" : " " + failures + unexplained);
        }
    }
}
