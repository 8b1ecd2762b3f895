package dev.greeter.client;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterFutureStub;
import dev.greeter.proto.helloworld.GreeterGrpc.GreeterStub;
import dev.greeter.proto.users.v1.UserServiceGrpc.UserServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import java.util.List;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Greets the names on the command line: once each beside a server, in every style with the profile client. */
@Component
@ConditionalOnBooleanProperty(name = "greeter.client.enabled", matchIfMissing = true)
final class DemoClient implements CommandLineRunner, ExitCodeGenerator {

    private static final Logger log = LoggerFactory.getLogger(DemoClient.class);

    private final ApplicationArguments arguments;
    private final Environment environment;
    private final ClientSettings settings;

    @GrpcClient("greeter")
    private GreeterBlockingStub blockingStub;

    @GrpcClient("greeter")
    private GreeterFutureStub futureStub;

    @GrpcClient("greeter")
    private GreeterStub asyncStub;

    @GrpcClient("greeter")
    private UserServiceBlockingStub users;

    private int exitCode;

    DemoClient(ApplicationArguments arguments, Environment environment, ClientSettings settings) {
        this.arguments = arguments;
        this.environment = environment;
        this.settings = settings;
    }

    @Override
    public void run(String... args) {
        List<String> names = arguments.getNonOptionArgs();
        if (names.isEmpty()) {
            names = List.of("you");
        }
        GreeterCalls calls = new GreeterCalls(blockingStub, futureStub, asyncStub, settings.timeout(), System.out);
        try {
            names.forEach(calls::greet);
            if (ClientMode.isOn(environment)) {
                calls.showEveryKind(names);
                new UserCalls(calls, users, blockingStub, settings.hasToken(), System.out).showUsers(names);
            }
        } catch (StatusRuntimeException failure) {
            exitCode = 1;
            String address = environment.getProperty("grpc.client.greeter.address", "greeter");
            System.err.println(CallFailure.describe(calls.current(), address, failure));
            log.debug("The call failed", failure);
        }
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }
}
