package dev.greeter;

import dev.greeter.client.ClientMode;
import dev.greeter.start.CommandLine;
import dev.greeter.start.OpenFiles;
import dev.greeter.start.PlainLocale;
import dev.greeter.start.TerminationSignal;
import dev.greeter.start.UnsafeWarning;
import io.grpc.netty.shaded.io.netty.util.internal.logging.InternalLoggerFactory;
import io.grpc.netty.shaded.io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.Optional;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientMetricAutoConfiguration;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientMicrometerTraceAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcReflectionServiceAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerMetricAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerMicrometerTraceAutoConfiguration;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerSecurityAutoConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Profiles;

/** Starts Greeter: the server, or with the profile {@code client} only the demo client. */
@SpringBootApplication(
        exclude = {
            // Needs classes that Spring Security 7 no longer has; server.security replaces it.
            GrpcServerSecurityAutoConfiguration.class,
            // Measure what CallTracer and MetricCollectingClientInterceptor do, once an application has a registry of
            // its own.
            GrpcServerMetricAutoConfiguration.class,
            GrpcClientMetricAutoConfiguration.class,
            GrpcServerMicrometerTraceAutoConfiguration.class,
            GrpcClientMicrometerTraceAutoConfiguration.class,
            // Supports neither reflection v1 nor service.reflection.
            GrpcReflectionServiceAutoConfiguration.class
        })
public class GreeterApplication {

    public static void main(String[] words) throws Exception {
        TerminationSignal.exitsNormally();
        Optional<String> tooFewFiles = OpenFiles.problem();
        if (tooFewFiles.isPresent()) {
            System.err.println(tooFewFiles.get());
            System.exit(1);
        }
        String[] args = PlainLocale.utf8(words);
        Optional<CommandLine.Answer> answer = CommandLine.to(args);
        if (answer.isPresent()) {
            (answer.get().exitCode() == 0 ? System.out : System.err)
                    .print(answer.get().text());
            System.exit(answer.get().exitCode());
        }
        UnsafeWarning.suppress();
        tellNetty("leakDetection.level", "disabled");
        tellNetty("tryReflectionSetAccessible", "true");
        // Before Netty is loaded, too; RATIONALE.md has the reason.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        SpringApplication application = new SpringApplication(GreeterApplication.class);
        application.addListeners(new ClientMode());
        ConfigurableApplicationContext context = application.run(args);
        if (context.getEnvironment().acceptsProfiles(Profiles.of("client"))) {
            System.exit(SpringApplication.exit(context));
        }
    }

    /** Sets an option of Netty, which reads it once, unless the command line does; RATIONALE.md has the reasons. */
    private static void tellNetty(String name, String value) {
        String property = "io.grpc.netty.shaded.io.netty." + name;
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
