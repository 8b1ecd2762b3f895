package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {

    private static final List<String> NAMES = List.of("Greeter/SayHello", "Greeter/SayHelloBidiStream");

    @Test
    void theNameWithTheFewestChangesIsNearest() {
        assertThat(NearestName.to("Greeter/sayHelo", NAMES)).contains("Greeter/SayHello");
        assertThat(NearestName.to("Greeter/SayHelloBidi", NAMES)).contains("Greeter/SayHello");
        assertThat(NearestName.to("Greter/SayHelloBidiStreams", NAMES)).contains("Greeter/SayHelloBidiStream");
    }

    @Test
    void caseDoesNotMatter() {
        assertThat(NearestName.to("GREETER/SAYHELLO", NAMES)).contains("Greeter/SayHello");
    }

    @Test
    void aNameOfOtherLettersIsNotNear() {
        assertThat(NearestName.to("users.v1", NAMES)).isEmpty();
        assertThat(NearestName.to("", NAMES)).isEmpty();
        assertThat(NearestName.to("x", List.of())).isEmpty();
    }
}
