package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.status.InfoStatus;
import ch.qos.logback.core.status.Status;
import ch.qos.logback.core.status.StatusListener;
import ch.qos.logback.core.status.StatusManager;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Logback says about itself holds up nobody if it cannot be printed. */
@Timeout(20)
class StatusQueueTest {

    private final LoggerContext context = new LoggerContext();
    private final StatusManager statuses = context.getStatusManager();
    private final SlowListener listener = new SlowListener();

    @Test
    void theStopDoesNotWaitForAListener() {
        statuses.add(listener);
        LogQueues.queueStatuses(context);

        IntStream.range(0, 1000).forEach(i -> statuses.add(new InfoStatus("status " + i, this)));
        context.stop();

        assertThat(listener.told).isEmpty();
    }

    @Test
    void aListenerIsToldEverythingInOrder() {
        statuses.add(listener);
        LogQueues.queueStatuses(context);
        LogQueues.queueStatuses(context);
        statuses.add(new InfoStatus("one", this));
        statuses.add(new InfoStatus("another", this));
        listener.lock.release(100);

        await().untilAsserted(() -> assertThat(listener.told).containsExactly("one", "another"));
    }

    /** Returns as often as there are permits. */
    private static final class SlowListener implements StatusListener {

        private final Semaphore lock = new Semaphore(0);
        private final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public void addStatusEvent(Status status) {
            lock.acquireUninterruptibly();
            told.add(status.getMessage());
        }
    }
}
