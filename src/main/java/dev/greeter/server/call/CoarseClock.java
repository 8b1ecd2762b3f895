package dev.greeter.server.call;

import io.micrometer.core.instrument.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * The clock of the meters. They ask with every call, and twice, whether a minute is over, and reading the system's time
 * takes longer than counting does: they are told the time of the last second.
 */
final class CoarseClock implements Clock {

    private volatile long wallTime = System.currentTimeMillis();

    @Scheduled(fixedRate = 1, timeUnit = TimeUnit.SECONDS)
    void tick() {
        wallTime = System.currentTimeMillis();
    }

    @Override
    public long wallTime() {
        return wallTime;
    }

    @Override
    public long monotonicTime() {
        return System.nanoTime();
    }
}
