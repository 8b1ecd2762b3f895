package dev.greeter.server.socket;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that a port accepts no more connections, as a process without file descriptors does, and once that it does. */
final class AcceptFailures {

    private static final Logger log = LoggerFactory.getLogger(AcceptFailures.class);

    /** Without a failure for as long, it is over: both servers try again each second or two. */
    private static final long CALM = TimeUnit.SECONDS.toNanos(5);

    private final String port;
    private volatile boolean failing;
    private long begin;
    private long latest;

    /** @param port what the messages call it */
    AcceptFailures(String port) {
        this.port = port;
    }

    synchronized void failed(Throwable cause) {
        latest = System.nanoTime();
        if (!failing) {
            failing = true;
            begin = latest;
            log.error(
                    "No connection can be accepted on the {} port: {}. If too many files are open, raise their limit"
                            + " (ulimit -n) or lower service.limit.connections.",
                    port,
                    cause.getMessage());
        }
    }

    void accepted() {
        if (failing) {
            end();
        }
    }

    private synchronized void end() {
        long now = System.nanoTime();
        if (failing && now - latest > CALM) {
            failing = false;
            log.info(
                    "Connections are accepted on the {} port again, after {} seconds",
                    port,
                    TimeUnit.NANOSECONDS.toSeconds(now - begin));
        }
    }
}
