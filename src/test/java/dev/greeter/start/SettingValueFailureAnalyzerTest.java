package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.unit.DataSize;

/** The messages for values that cannot be bound. */
class SettingValueFailureAnalyzerTest {

    private static final String ORIGIN = "\n    test.%1$s: the command line";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            number    | x           | test.number is "x", which is not a whole number up to 2147483647.
            number    | 99999999999 | test.number is "99999999999", which is not a whole number up to 2147483647.
            share     | x           | test.share is "x", which is not a number.
            on        | perhaps     | test.on is "perhaps", which is neither true nor false.
            pause     | 5 sec       | test.pause is "5 sec", which is not a duration such as 500ms, 10s or 5m.
            size      | 64XB        | test.size is "64XB", which is not a size such as 64KB or 1MB.
            stop      | sometimes   | test.stop is "sometimes", which is none of GRACEFUL, IMMEDIATE.
            table     | x           | test.table is "x": it is a group of settings, which has no value of its own.
            numbers   | 1,x         | test.numbers is "1,x", which is not a whole number up to 2147483647.
            """)
    void aValueOfAnotherTypeIsToldWhatItShouldBe(String name, String value, String problem) {
        assertThat(problem(name, value)).isEqualTo(problem + ORIGIN.formatted(name));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            number    | x           | test.number is "x", which is not a whole number up to 2147483647.
            on        | perhaps     | test.on is "perhaps", which is neither true nor false.
            stop      | sometimes   | test.stop is "sometimes", which is none of GRACEFUL, IMMEDIATE.
            """)
    void aValueThatAConditionReadsIsDescribedInTheSameWay(String name, String value, String problem) {
        StandardEnvironment environment = environment(name, value);
        ConfigurationPropertySources.attach(environment);
        Class<?> type = name.equals("number") ? Integer.class : name.equals("on") ? Boolean.class : Shutdown.class;
        PropertyResolver settings =
                ConfigurationPropertySources.createPropertyResolver(environment.getPropertySources());
        Throwable failure = catchThrowable(() -> settings.getProperty("test." + name, type));

        assertThat(description(environment, failure)).isEqualTo(problem + ORIGIN.formatted(name));
    }

    @Test
    void aValueThatALibraryRefusesKeepsItsReason() {
        assertThat(description(
                        environment("number", "7"),
                        new InvalidConfigurationPropertyValueException("test.number", "7", "It must be even.")))
                .isEqualTo("test.number is \"7\": It must be even." + ORIGIN.formatted("number"));
    }

    @Test
    void aValueThatIsRefusedKeepsTheReason() {
        assertThat(problem("address", "nowhere.invalid"))
                .startsWith("test.address is \"nowhere.invalid\": ")
                .contains("nowhere.invalid")
                .doesNotContain("java.")
                .endsWith(ORIGIN.formatted("address"));
    }

    @Test
    void aRuleOfAGroupIsShownWithTheOriginOfItsSettings() {
        assertThat(problem("number", "7")).isEqualTo("test.number must be less than 5." + ORIGIN.formatted("number"));
    }

    private static String problem(String name, String value) {
        StandardEnvironment environment = environment(name, value);
        return description(
                environment,
                catchThrowable(() -> Binder.get(environment).bindOrCreate("test", Bindable.of(Settings.class))));
    }

    private static StandardEnvironment environment(String name, String value) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME, Map.of("test." + name, value)));
        return environment;
    }

    private static String description(StandardEnvironment environment, Throwable failure) {
        return Objects.requireNonNull(new SettingValueFailureAnalyzer(environment).analyze(failure))
                .getDescription();
    }

    record Settings(
            @DefaultValue("1") int number,
            @Nullable Double share,
            boolean on,
            @Nullable Duration pause,
            @Nullable DataSize size,
            @Nullable Shutdown stop,
            @Nullable InetAddress address,
            @DefaultValue Map<String, Set<String>> table,
            @DefaultValue List<Integer> numbers) {

        Settings {
            if (number >= 5) {
                throw new IllegalArgumentException("test.number must be less than 5");
            }
        }
    }
}
