package dev.greeter.greeting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** The choice of a language by accept-language. */
class LanguagesTest {

    private final Languages languages =
            new MessageFiles(new PathMatchingResourcePatternResolver(), "classpath:").read();

    @ParameterizedTest
    @CsvSource({
        "de, de",
        "DE, de",
        "de-AT, de",
        "zh-Hant-TW, zh",
        "iw, he",
        "'fr;q=0.2, de;q=0.8', de",
        "'de;q=0, fr', fr",
        "'tlh, sv', sv",
        "'*', en",
        "tlh, en",
        "'', en",
        "', ,de,', de",
        "'de ;\tq=0.5 , fr;q=0.4', de",
        "'de;q=2', en",
        "'de;q=x', en",
        "'d\u00e9', en",
        "';;;', en"
    })
    void theBestMatchIsChosen(String acceptLanguage, String expected) {
        assertThat(languages.bestMatch(acceptLanguage).tag()).isEqualTo(expected);
    }

    @Test
    void aHeaderOfUnreasonableLengthIsNotRead() {
        assertThat(languages.bestMatch("de" + ",fr".repeat(5_000)).tag()).isEqualTo("en");
    }

    @Test
    void aHeaderOf256CharactersIsReadAndALongerOneIsNot() {
        String longest = "de" + ",fr".repeat(84) + "  ";
        assertThat(longest).hasSize(256);
        assertThat(languages.bestMatch(longest).tag()).isEqualTo("de");
        assertThat(languages.bestMatch(longest + " ").tag()).isEqualTo("en");
    }

    @Test
    void aCallerWhoInventsHeadersIsAnsweredAndNotRemembered() {
        IntStream.range(0, 5_000).forEach(i -> languages.bestMatch("de;q=0.5,x-" + i));
        assertThat(languages)
                .extracting("remembered")
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .hasSizeLessThanOrEqualTo(1_000);
        assertThat(languages.bestMatch("de;q=0.5,x-9999").tag()).isEqualTo("de");
    }
}
