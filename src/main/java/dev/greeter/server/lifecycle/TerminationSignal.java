package dev.greeter.server.lifecycle;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SIGTERM an orderly end with exit code 0; the JVM reports 143 however well its shutdown hooks have done. */
final class TerminationSignal {

    private static final Logger log = LoggerFactory.getLogger(TerminationSignal.class);

    private TerminationSignal() {}

    /** Uses {@code sun.misc.Signal} by reflection, as the compiler warns of it and Java has nothing else. */
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
            // The JVM was told to leave signals alone, or the platform has none.
            log.debug("SIGTERM keeps the exit code of the JVM", e);
        }
    }
}
