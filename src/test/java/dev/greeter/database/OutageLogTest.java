package dev.greeter.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The lines that the log has of an outage. */
@ExtendWith(OutputCaptureExtension.class)
class OutageLogTest {

    private final OutageLog outages = new OutageLog("users", List.of("users.v1.UserService"));

    @Test
    void anOutageHasOneLineMoreForAnotherReason(CapturedOutput output) {
        outages.changed(State.USABLE, State.AWAY, "Connection refused");
        outages.changed(State.AWAY, State.AWAY, "the database system is starting up");
        outages.changed(State.AWAY, State.AWAY, "Connection reset");
        outages.changed(State.AWAY, State.USABLE, "");

        assertThat(messages(output))
                .containsExactly(
                        "The database users cannot be used; users.v1.UserService is UNAVAILABLE until it can:"
                                + " Connection refused",
                        "The database users still cannot be used: the database system is starting up",
                        "Connected to the database users");
    }

    @Test
    void anOutageThatGetsWorseAndBetterHasOneLineForEach(CapturedOutput output) {
        outages.changed(State.USABLE, State.READ_ONLY, "its disk is full");
        for (int i = 0; i < 3; i++) {
            outages.changed(State.READ_ONLY, State.AWAY, "Connection refused");
            outages.changed(State.AWAY, State.READ_ONLY, "its disk is full");
        }
        outages.changed(State.READ_ONLY, State.USABLE, "");

        assertThat(messages(output))
                .containsExactly(
                        "The database users accepts no changes; users.v1.UserService is NOT_SERVING until it does:"
                                + " its disk is full",
                        "The database users cannot be used; users.v1.UserService is UNAVAILABLE until it can:"
                                + " Connection refused",
                        "The database users accepts changes");
    }

    @Test
    void theNextOutageIsReportedAgain(CapturedOutput output) {
        for (int i = 0; i < 2; i++) {
            outages.changed(State.USABLE, State.AWAY, "Connection refused");
            outages.changed(State.AWAY, State.USABLE, "");
        }

        assertThat(messages(output)).hasSize(4);
    }

    private static List<String> messages(CapturedOutput output) {
        return output.getOut()
                .lines()
                .map(line -> line.replaceFirst(".*OutageLog( *:| --) ", ""))
                .toList();
    }
}
