package dev.greeter.greeting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Phrases format like {@link java.text.MessageFormat}. */
class PhraseTest {

    @Test
    void theValueIsPutInAsItIs() {
        assertThat(Phrase.parse("d''accord, {0} !").with("{0} '' $1")).isEqualTo("d'accord, {0} '' $1 !");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello", "{0} {0}", "{1}", "{0} {1}", "'{0}'", "{0"})
    void anyOtherPatternIsRefused(String pattern) {
        assertThatIllegalArgumentException().isThrownBy(() -> Phrase.parse(pattern));
    }
}
