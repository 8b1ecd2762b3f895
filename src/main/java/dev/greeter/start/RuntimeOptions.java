package dev.greeter.start;

import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Sets the options of Netty and protobuf, which read them once, when they are loaded; RATIONALE.md has the reasons. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RuntimeOptions implements ApplicationListener<ApplicationStartingEvent> {

    @Override
    public void onApplicationEvent(ApplicationStartingEvent event) {
        UnsafeWarning.suppress();
        tellNetty("leakDetection.level", "disabled");
        tellNetty("tryReflectionSetAccessible", "true");
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    }

    /** Sets an option unless the command line does. */
    private static void tellNetty(String name, String value) {
        String property = "io.grpc.netty.shaded.io.netty." + name;
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
