package dev.greeter.resilience;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Makes calls whose deadlines only the server enforces, and counts how they end. How late they may end depends on the
 * time of a concurrent greeting, which needs no database and shows how busy the machine is.
 */
final class Calls {

    static final Duration PATIENT = Duration.ofSeconds(30);
    private static final Duration LATEST = Duration.ofSeconds(1);
    private static final Duration SLOWEST_GREETING = Duration.ofSeconds(10);
    private static final int REMEMBERED_GREETINGS = 2_000;
    private static final Duration LOST = Duration.ofSeconds(15);
    private static final Set<Code> UNCLEAR = Set.of(Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED);
    private static final Metadata.Key<String> TIMEOUT =
            Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    private final Channel channel;
    private final Consumer<String> surprises;
    private final Consumer<String> delays;
    private final Queue<Greeting> greetings = new ConcurrentLinkedQueue<>();
    private volatile Optional<Long> greetingSince = Optional.empty();
    private final AtomicLong latest = new AtomicLong();
    private Map<String, Integer> ends = new ConcurrentHashMap<>();

    Calls(Channel channel, Consumer<String> surprises, Consumer<String> delays) {
        this.channel = channel;
        this.surprises = surprises;
        this.delays = delays;
    }

    /** Makes a unary call, which may be refused for one of the reasons. */
    <Q, R> Outcome<R> unary(MethodDescriptor<Q, R> method, Q request, Duration deadline, String... reasons)
            throws InterruptedException {
        long begin = System.nanoTime();
        return outcome(
                method,
                ClientCalls.futureUnaryCall(within(deadline).newCall(method, CallOptions.DEFAULT), request),
                begin,
                deadline,
                Set.of(reasons));
    }

    /** Greets, which is answered at once unless the machine is busy. */
    boolean greet() throws InterruptedException {
        long begin = System.nanoTime();
        greetingSince = Optional.of(begin);
        HelloRequest request = HelloRequest.newBuilder().setName("Ada").build();
        Outcome<HelloReply> outcome = unary(GreeterGrpc.getSayHelloMethod(), request, PATIENT);
        greetings.add(new Greeting(begin, System.nanoTime()));
        greetingSince = Optional.empty();
        if (greetings.size() > REMEMBERED_GREETINGS) {
            greetings.remove();
        }
        return outcome.acknowledged();
    }

    /** Returns the nanoseconds of the slowest greeting since then, up to a maximum. */
    long slowestGreetingSince(long time) {
        long running = greetingSince.map(begin -> System.nanoTime() - begin).orElse(0L);
        long slowest = greetings.stream()
                .filter(greeting -> greeting.end - time > 0)
                .mapToLong(greeting -> greeting.end - greeting.begin)
                .reduce(running, Math::max);
        return Math.min(slowest, SLOWEST_GREETING.toNanos());
    }

    /** Sends all requests in one call. */
    <Q, R> Outcome<R> stream(MethodDescriptor<Q, R> method, List<Q> requests, Duration deadline)
            throws InterruptedException {
        long begin = System.nanoTime();
        Reply<R> reply = new Reply<>();
        StreamObserver<Q> call =
                ClientCalls.asyncClientStreamingCall(within(deadline).newCall(method, CallOptions.DEFAULT), reply);
        requests.forEach(call::onNext);
        call.onCompleted();
        return outcome(method, reply.future, begin, deadline, Set.of());
    }

    private Channel within(Duration deadline) {
        Metadata headers = new Metadata();
        headers.put(TIMEOUT, deadline.toMillis() + "m");
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private <R> Outcome<R> outcome(
            MethodDescriptor<?, R> method, Future<R> call, long begin, Duration deadline, Set<String> reasons)
            throws InterruptedException {
        Outcome<R> outcome;
        try {
            outcome = new Outcome<>(call.get(deadline.plus(LOST).toMillis(), TimeUnit.MILLISECONDS), Status.OK, "");
        } catch (TimeoutException e) {
            call.cancel(true);
            outcome = new Outcome<>(null, Status.DEADLINE_EXCEEDED, "");
        } catch (ExecutionException e) {
            outcome = new Outcome<>(null, Status.fromThrowable(e.getCause()), reason(e.getCause()));
        }
        long late = System.nanoTime() - begin - deadline.toNanos();
        latest.accumulateAndGet(late, Math::max);
        if (late > LATEST.toNanos() && late > LATEST.toNanos() + slowestGreetingSince(begin)) {
            delays.accept(
                    method.getBareMethodName() + " outlived its deadline by more than " + LATEST.toMillis() + " ms");
        }
        ended(method, outcome.status(), outcome.reason(), reasons);
        return outcome;
    }

    /** Counts the end of a call, which is a surprise unless the call was answered or refused for a clear reason. */
    void ended(MethodDescriptor<?, ?> method, Status status, String reason, Set<String> reasons) {
        String end = method.getBareMethodName() + " " + status.getCode() + (reason.isEmpty() ? "" : " " + reason);
        counts().merge(end, 1, Integer::sum);
        if (!status.isOk() && !UNCLEAR.contains(status.getCode()) && !reasons.contains(reason)) {
            surprises.accept(end + " (" + status.getDescription() + ")");
        }
    }

    private synchronized Map<String, Integer> counts() {
        return ends;
    }

    /** Returns how the calls have ended since the last invocation. */
    synchronized Map<String, Integer> takeCounts() {
        Map<String, Integer> taken = new TreeMap<>(ends);
        ends = new ConcurrentHashMap<>();
        return taken;
    }

    /** Returns the longest time by which a call exceeded its deadline. */
    Duration latest() {
        return Duration.ofNanos(Math.max(0, latest.get()));
    }

    static String reason(Throwable failure) {
        com.google.rpc.Status status = StatusProto.fromThrowable(failure);
        if (status != null) {
            for (Any detail : status.getDetailsList()) {
                if (detail.is(ErrorInfo.class)) {
                    try {
                        return detail.unpack(ErrorInfo.class).getReason();
                    } catch (InvalidProtocolBufferException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        }
        return "";
    }

    /** How a call ended: its reply, or its status and the reason in it. */
    record Outcome<R>(R reply, Status status, String reason) {

        boolean acknowledged() {
            return status.isOk();
        }

        /** Whether a change may have been made nevertheless. */
        boolean unclear() {
            return UNCLEAR.contains(status.getCode());
        }
    }

    private record Greeting(long begin, long end) {}

    private static final class Reply<R> implements StreamObserver<R> {

        private final CompletableFuture<R> future = new CompletableFuture<>();
        private R message;

        @Override
        public void onNext(R reply) {
            message = reply;
        }

        @Override
        public void onError(Throwable failure) {
            future.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            future.complete(message);
        }
    }
}
