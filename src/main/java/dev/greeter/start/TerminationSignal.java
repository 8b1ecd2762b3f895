package dev.greeter.start;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes SIGTERM an orderly end with exit code 0, of a start that is under way, too; the JVM reports 143 however well its
 * shutdown hooks have done. Spring would complete the start first, and open the ports.
 */
public final class TerminationSignal {

    /** For a start that waits for something, and does not notice. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static volatile boolean received;
    private static volatile boolean starting = true;
    private static @Nullable Object former;

    private TerminationSignal() {}

    /** Returns whether a signal has come. */
    static boolean isReceived() {
        return received;
    }

    /** Goes on with a start only if no signal has come. */
    public static void requireNone() {
        if (received) {
            throw new StartEndedException();
        }
    }

    static void startIsOver() {
        starting = false;
    }

    /** To be called before anything that takes time. */
    public static synchronized void exitsNormally() {
        if (former == null) {
            former = handle((proxy, method, arguments) -> {
                received = true;
                giveUpLater();
                Runtime.getRuntime().exit(0);
                return null;
            });
        }
    }

    /** Leaves the signal to the JVM: whoever ends a client wants to know that it has not done its work. */
    public static synchronized void exitsAsAFailure() {
        Object jvm = former;
        if (jvm != null) {
            handle((proxy, method, arguments) -> method.invoke(jvm, arguments));
        }
    }

    private static void giveUpLater() {
        Thread watch = new Thread(
                () -> {
                    try {
                        Thread.sleep(PATIENCE.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    if (starting) {
                        Runtime.getRuntime().halt(0);
                    }
                },
                "end-of-start");
        watch.setDaemon(true);
        watch.start();
    }

    /**
     * Uses {@code sun.misc.Signal} by reflection, as the compiler warns of it and Java has nothing else.
     *
     * @return what has handled the signal so far
     */
    private static @Nullable Object handle(InvocationHandler action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            return signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("TERM"),
                            Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, action));
        } catch (ReflectiveOperationException e) {
            // The JVM was told to leave signals alone, or the platform has none.
            return null;
        }
    }

    /** Ends the start; nothing has gone wrong. */
    private static final class StartEndedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        StartEndedException() {
            super("SIGTERM ended the start", null, false, false);
        }
    }
}
