package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColoursTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %m%n                                                    | %m%n
            %clr(%5p){red} %m                                       | %5p %m
            %clr(%5p) %m{0}                                         | %5p %m{0}
            %clr(%d{HH:mm}){faint}%clr(:){cyan}                     | %d{HH:mm}:
            %clr(--- %esb(){app}[%t] %clr(%c){blue}){faint} %m      | --- %esb(){app}[%t] %c %m
            %clr(\\(%t\\)){faint}                                   | \\(%t\\)
            %clr(%5p                                                | %clr(%5p
            """)
    void coloursAreRemovedAndTheirTextStays(String pattern, String plain) {
        assertThat(Colours.removeFrom(pattern)).isEqualTo(plain);
    }
}
