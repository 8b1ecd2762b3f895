package dev.greeter.resilience;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;

/**
 * Checks the health of a service on one server twenty times a second. Within five seconds, and the time of a concurrent
 * greeting, it must be correct.
 */
final class HealthObserver implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "health observer");
        thread.setDaemon(true);
        return thread;
    });
    private final ManagedChannel channel;
    private final HealthCheckRequest request;
    private final LongUnaryOperator slack;
    private final Consumer<String> lies;

    private Optional<ServingStatus> truth = Optional.empty();
    private long wrongSince;
    private boolean wrong;
    private boolean reported;
    private Duration delay = Duration.ZERO;

    @SuppressWarnings("FutureReturnValueIgnored") // it ends with the executor
    HealthObserver(ServerProcess server, String service, LongUnaryOperator slack, Consumer<String> lies) {
        this.channel = server.channel();
        this.request = HealthCheckRequest.newBuilder().setService(service).build();
        this.slack = slack;
        this.lies = lies;
        clock.scheduleWithFixedDelay(this::ask, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sets the expected health from now on, if it is certain. */
    synchronized void truth(Optional<ServingStatus> status) {
        truth = status;
        wrongSince = System.nanoTime();
        wrong = status.isPresent();
        reported = false;
        delay = Duration.ZERO;
    }

    /** Waits until the health is correct, and returns how long that took, or nothing if it took too long. */
    synchronized Optional<Duration> awaitTruth() throws InterruptedException {
        while (wrong && !reported) {
            wait(INTERVAL.toMillis());
        }
        return wrong ? Optional.empty() : Optional.of(delay);
    }

    private void ask() {
        String answer;
        try {
            answer = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(LIMIT)
                    .check(request)
                    .getStatus()
                    .name();
        } catch (StatusRuntimeException e) {
            answer = "nothing but " + e.getStatus().getCode();
        }
        compare(answer);
    }

    private synchronized void compare(String answer) {
        if (truth.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        if (answer.equals(truth.get().name())) {
            if (wrong) {
                delay = Duration.ofNanos(now - wrongSince);
            }
            wrong = false;
            notifyAll();
        } else if (!wrong) {
            wrong = true;
            wrongSince = now;
        } else if (!reported && now - wrongSince > LIMIT.toNanos() + slack.applyAsLong(wrongSince)) {
            reported = true;
            lies.accept("health was " + answer + " instead of " + truth.get() + " for more than " + LIMIT.toSeconds()
                    + " s");
            notifyAll();
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        channel.shutdownNow();
    }
}
