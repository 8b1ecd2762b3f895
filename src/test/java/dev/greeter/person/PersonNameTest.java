package dev.greeter.person;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid and invalid names. */
class PersonNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"you", "Zoë 李", "O'Brien", "👩‍👩‍👧", "علی‌رضا", " x "})
    void namesOfPeopleAreNames(String name) {
        assertThat(new PersonName(name).value()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\u3000",
                "\u00a0",
                "\u1680",
                "\u2007",
                "\u202f",
                "\u205f \u00a0",
                "\u0085",
                "a\r\nb",
                "\u0000",
                "\u009b31m",
                "\u2028",
                "\u2029",
                "\u007f",
                "\ud800",
                "a\ud800b",
                "\udc00a"
            })
    void emptinessAndControlCharactersAreNot(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> new PersonName(name));
    }

    @Test
    void lengthIsCountedInCodePoints() {
        assertThat(PersonName.Problem.of("😀".repeat(256))).isNull();
        assertThat(PersonName.Problem.of("😀".repeat(257))).isEqualTo(PersonName.Problem.TOO_LONG);
        assertThat(PersonName.Problem.of("x".repeat(257))).isEqualTo(PersonName.Problem.TOO_LONG);
    }

    @Test
    void everythingThatIsWrongIsNamed() {
        assertThat(PersonName.Problem.allOf("you")).isEmpty();
        assertThat(PersonName.Problem.allOf("\u0007".repeat(257)))
                .containsExactlyInAnyOrder(PersonName.Problem.TOO_LONG, PersonName.Problem.CONTROL_CHARACTER);
        assertThat(PersonName.Problem.allOf("\n".repeat(257))).hasSize(3);
    }
}
