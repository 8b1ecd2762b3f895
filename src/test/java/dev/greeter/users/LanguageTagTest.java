package dev.greeter.users;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The canonical form of RFC 5646, section 4.5. */
class LanguageTagTest {

    @ParameterizedTest
    @CsvSource({
        // cases and order
        "DE, de",
        "zh-hant-tw, zh-Hant-TW",
        "es-419, es-419",
        "CA-ES-VALENCIA, ca-ES-valencia",
        "sl-ROZAJ-biske-1994, sl-rozaj-biske-1994",
        "en-X-Mine, en-x-mine",
        "x-Mine, x-mine",
        "en-u-nu-latn-a-bbb, en-a-bbb-u-nu-latn",
        "und, und",
        // languages
        "iw, he",
        "in-ID, id-ID",
        "mo-MD, ro-MD",
        "ajp, apc",
        "zh-cmn-Hans-CN, cmn-Hans-CN",
        "zh-yue, yue",
        // regions
        "de-DD, de-DE",
        "my-BU, my-MM",
        "fr-fx, fr-FR",
        "pt-TP, pt-TL",
        // variants
        "ja-Latn-hepburn-heploc, ja-Latn-alalc97",
        "ja-Latn-heploc, ja-Latn-alalc97",
        "ja-Latn-hepburn, ja-Latn-hepburn",
        // whole tags
        "en-gb-OED, en-GB-oxendict",
        "i-default, i-default",
        "I-Klingon, tlh",
        "art-lojban, jbo",
        "no-bok, nb",
        "sgn-BE-FR, sfb",
        "sgn-us, ase",
        "zh-min-nan, nan",
        "zh-guoyu, cmn",
        "cel-gaulish, cel-gaulish"
    })
    void eachTagHasOneForm(String given, String canonical) {
        assertThat(new LanguageTag(given).value()).isEqualTo(canonical);
        assertThat(new LanguageTag(canonical).value()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "e",
                "en_US",
                "en-",
                "-en",
                "en--US",
                "en-US-GB-",
                "en-a",
                "en-x",
                "sl-rozaj-rozaj",
                "en-a-bbb-a-ccc",
                "i-unknown",
                "deutschland",
                "dé",
                "\u212Ao",
                "en-\u212ABBB",
                "\uFF45n",
                "en-x-aaaaaaaa-bbbbbbbb-cccccccc-dddd",
                "en-GB-oxendict-x-aaaaaaaa-bbbbbbbb-c"
            })
    void whatIsNoTagIsRefused(String given) {
        assertThatIllegalArgumentException().isThrownBy(() -> new LanguageTag(given));
    }
}
