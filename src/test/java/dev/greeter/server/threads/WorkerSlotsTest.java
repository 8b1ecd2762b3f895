package dev.greeter.server.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.service.Refusals;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerSlotsTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final Refusals refusals = new Refusals(new SimpleMeterRegistry());
    private final List<String> ran = new ArrayList<>();

    @Test
    void aCallWithASlotRunsAtOnceAndHoldsIt() {
        WorkerSlots slots = new WorkerSlots(Runnable::run, 1, LONG, refusals);

        run(slots, new Call(), "first");

        assertThat(ran).containsExactly("first");
        assertThat(slots.free()).isZero();
    }

    @Test
    void callsThatWaitRunInTheirOrderAsSlotsBecomeFree() {
        WorkerSlots slots = new WorkerSlots(Runnable::run, 1, LONG, refusals);
        run(slots, new Call(), "first");
        run(slots, new Call(), "second");
        run(slots, new Call(), "third");
        assertThat(ran).containsExactly("first");

        slots.release();
        assertThat(ran).containsExactly("first", "second");

        slots.release();
        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void aCallThatWaitsTooLongIsRefused() {
        WorkerSlots slots = new WorkerSlots(Runnable::run, 1, Duration.ofMillis(20), refusals);
        Call late = new Call();
        run(slots, new Call(), "first");
        run(slots, late, "late");

        await().untilAsserted(
                        () -> assertThat(late.closed).isNotNull().returns(Status.Code.UNAVAILABLE, Status::getCode));
        slots.release();
        assertThat(ran).containsExactly("first");
        assertThat(slots.free()).isOne();
    }

    @Test
    void aCallThatWasCancelledWhileItWaitedTakesNoSlot() {
        WorkerSlots slots = new WorkerSlots(Runnable::run, 1, LONG, refusals);
        Call gone = new Call();
        run(slots, new Call(), "first");
        run(slots, gone, "gone");
        gone.cancelled = true;

        slots.release();

        assertThat(ran).containsExactly("first");
        assertThat(slots.free()).isOne();
    }

    @Test
    void noMoreThanSixteenCallsWaitForEachSlot() {
        WorkerSlots slots = new WorkerSlots(Runnable::run, 2, LONG, refusals);
        for (int i = 0; i < 2 + 2 * 16; i++) {
            run(slots, new Call(), "call");
        }

        assertThat(slots.admit(new Call())).isNull();
    }

    private void run(WorkerSlots slots, Call call, String name) {
        Executor worker = Objects.requireNonNull(slots.admit(call));
        worker.execute(() -> ran.add(name));
    }

    private static final class Call extends ServerCall<HelloRequest, HelloReply> {

        private volatile @Nullable Status closed;
        private boolean cancelled;

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(HelloReply message) {}

        @Override
        public void close(Status status, Metadata trailers) {
            closed = status;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public MethodDescriptor<HelloRequest, HelloReply> getMethodDescriptor() {
            return GreeterGrpc.getSayHelloMethod();
        }
    }
}
