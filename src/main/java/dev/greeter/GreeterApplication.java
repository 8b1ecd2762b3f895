package dev.greeter;

import dev.greeter.client.ClientMode;
import dev.greeter.start.CommandLine;
import dev.greeter.start.OpenFiles;
import dev.greeter.start.PlainLocale;
import dev.greeter.start.TerminationSignal;
import java.util.Optional;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientMetricAutoConfiguration;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientMicrometerTraceAutoConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Profiles;

/** Starts Greeter: the server, or with the profile {@code client} only the demo client. */
@SpringBootApplication(
        scanBasePackages = {"dev.greeter.client", "dev.greeter.greeting", "dev.greeter.users"},
        exclude = {
            // Measure what the interceptors of ClientConfiguration do, once an application has a registry of its own.
            GrpcClientMetricAutoConfiguration.class,
            GrpcClientMicrometerTraceAutoConfiguration.class
        })
public class GreeterApplication {

    private static final String NAME = "Greeter";

    public static void main(String[] words) throws Exception {
        TerminationSignal.exitsNormally();
        Optional<String> tooFewFiles = OpenFiles.problem();
        if (tooFewFiles.isPresent()) {
            System.err.println(NAME + ": " + tooFewFiles.get());
            System.exit(1);
        }
        String[] args = PlainLocale.utf8(words);
        Optional<CommandLine.Answer> answer = CommandLine.to(NAME, args);
        if (answer.isPresent()) {
            (answer.get().exitCode() == 0 ? System.out : System.err)
                    .print(answer.get().text());
            System.exit(answer.get().exitCode());
        }
        SpringApplication application = new SpringApplication(GreeterApplication.class);
        application.addListeners(new ClientMode());
        ConfigurableApplicationContext context = application.run(args);
        if (context.getEnvironment().acceptsProfiles(Profiles.of("client"))) {
            System.exit(SpringApplication.exit(context));
        }
    }
}
