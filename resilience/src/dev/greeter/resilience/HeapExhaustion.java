package dev.greeter.resilience;

import static dev.greeter.resilience.Scenario.check;

import dev.greeter.test.RawConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A JVM that is out of heap must exit, so that its supervisor starts another. */
final class HeapExhaustion {

    private HeapExhaustion() {}

    static Scenario scenario() {
        return new Scenario("heap exhaustion: the process exits", Duration.ofMinutes(5), HeapExhaustion::run);
    }

    /** Raises the limit of messages so far that one message fills the heap. */
    private static String run() throws Exception {
        String option = "-XX:+ExitOnOutOfMemoryError";
        check(Files.readAllLines(Path.of("deploy/image/jvm.args")).contains(option), "the image lacks " + option);
        try (ServerProcess server =
                ServerProcess.start(List.of("-Xmx96m", option), "--grpc.server.max-inbound-message-size=1GB")) {
            try (RawConnection connection = RawConnection.open(server.port())) {
                Malformed.inflate(connection, 1 << 28);
                ServerProcess.Stop stop = server.awaitExit(Duration.ofSeconds(30));
                check(stop.exitCode() != 0, "exit code 0");
                return "exit code " + stop.exitCode() + " after "
                        + stop.duration().toMillis() + " ms";
            }
        }
    }
}
