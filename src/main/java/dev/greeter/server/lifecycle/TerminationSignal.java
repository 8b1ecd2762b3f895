package dev.greeter.server.lifecycle;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SIGTERM exit with code 0; the JVM exits with 143 even if its shutdown hooks succeed. */
final class TerminationSignal {

    private static final Logger log = LoggerFactory.getLogger(TerminationSignal.class);

    private TerminationSignal() {}

    /** Uses {@code sun.misc.Signal} by reflection, because the compiler warns about it and Java has no alternative. */
    static void exitsNormally() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object exit = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        Runtime.getRuntime().exit(0);
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("TERM"), exit);
        } catch (ReflectiveOperationException e) {
            // The JVM was started with -Xrs, or the platform has no signals.
            log.debug("SIGTERM exits with the code of the JVM", e);
        }
    }
}
