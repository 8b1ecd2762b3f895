package dev.greeter.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.deploy.SettingsCatalogue.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReferenceTest {

    private static final List<String> OWN = List.of("service.", "greeter.");

    /** Values of the application that are no settings, filled in by the build. */
    private static final String INFO = "info.";

    /** Settings that their library does not describe. */
    private static final Map<String, String> DESCRIPTIONS = Map.of(
            "spring.datasource.hikari.initialization-fail-timeout",
            "How many milliseconds the start waits for the first connection; a negative value starts without one.",
            "spring.datasource.hikari.connection-timeout",
            "How many milliseconds a call waits for a connection.",
            "spring.datasource.hikari.validation-timeout",
            "How many milliseconds the check of an idle connection may take.",
            "spring.datasource.hikari.maximum-pool-size",
            "Maximum number of connections.",
            "spring.datasource.hikari.minimum-idle",
            "Minimum number of idle connections.");

    /** A row of a table: one setting or several of one group, and as many values. */
    private static final Pattern ROW = Pattern.compile("^\\| (`[a-z][^|]*`) \\| ([^|]*) \\|", Pattern.MULTILINE);

    private static final Path REFERENCE = Path.of("docs/SETTINGS.md");

    private SettingsCatalogue catalogue;
    private Settings settings;

    @BeforeEach
    void read() throws IOException {
        catalogue = new SettingsCatalogue();
        settings = Settings.shipped();
    }

    @Test
    void everySettingOfTheApplicationExists() {
        assertThat(settings.values().keySet())
                .filteredOn(name -> catalogue.find(name) == null)
                .isEmpty();
    }

    @Test
    void everySettingOfItsOwnIsDescribed() {
        assertThat(own())
                .isNotEmpty()
                .allSatisfy(setting ->
                        assertThat(setting.description()).as(setting.name()).isNotBlank());
    }

    @Test
    void theReferenceIsUpToDate() throws IOException {
        String reference = reference();
        if (Boolean.getBoolean("settings.write")) {
            Files.createDirectories(REFERENCE.getParent());
            Files.writeString(REFERENCE, reference);
        }
        assertThat(REFERENCE)
                .as("write it by ./mvnw test -Dtest=SettingsReferenceTest -Dsettings.write=true")
                .hasContent(reference);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/resilience.md", "RATIONALE.md"})
    void theTablesOfLimitsHaveTheDefaults(String page) throws IOException {
        List<MatchResult> limits = ROW.matcher(Files.readString(Path.of(page)))
                .results()
                .filter(row ->
                        row.group(1).startsWith("`service.") || row.group(1).startsWith("`grpc.server."))
                .toList();

        assertThat(limits).hasSizeGreaterThan(10).allSatisfy(row -> {
            List<String> names = cells(row.group(1));
            String group = names.get(0).substring(0, names.get(0).lastIndexOf('.') + 1);
            assertThat(cells(row.group(2)))
                    .as(row.group(1))
                    .containsExactlyElementsOf(names.stream()
                            .map(name -> standard(name.contains(".") ? name : group + name))
                            .toList());
        });
    }

    private static List<String> cells(String cell) {
        return List.of(cell.replace("`", "").split(", "));
    }

    private List<Setting> own() {
        List<Setting> own = new ArrayList<>();
        OWN.forEach(prefix -> catalogue.startingWith(prefix).forEach(own::add));
        return own;
    }

    private String standard(String name) {
        Setting setting = catalogue.find(name);
        return settings.values().getOrDefault(name, setting == null ? "unknown" : setting.standard());
    }

    private String reference() throws IOException {
        StringBuilder page = new StringBuilder();
        page.append("# Settings\n\n")
                .append(
                        "<!-- Written by SettingsReferenceTest from the configuration metadata, defaults.yml and application.yml:\n")
                .append("     ./mvnw test -Dtest=SettingsReferenceTest -Dsettings.write=true -->\n\n")
                .append("Set them on the command line (`--grpc.server.port=9000`), in the environment")
                .append(" (`GRPC_SERVER_PORT=9000`: dots become\n`_`, dashes are removed) or in an `application.yml`")
                .append(" in the working directory, beside the jar, or in the folder `config`\nof either. The working")
                .append(" directory takes precedence. The environment variable of an access rule contains the method's")
                .append(" name:\n`SERVICE_ACCESS_HELLOWORLD_GREETER_SAYHELLO=authenticated`.\n\n")
                .append("## Settings of the application\n\n");
        header(page, "default");
        for (Setting setting : own()) {
            row(page, setting.name(), standard(setting.name()), setting);
        }
        page.append("\n## Settings of Spring and the starters with another default here\n\n")
                .append("In every service on the library. Every other setting of [Spring Boot]")
                .append("(https://docs.spring.io/spring-boot/appendix/application-properties/index.html)\nand of the")
                .append(" [gRPC starters](https://grpc-ecosystem.github.io/grpc-spring/en/) works as well.\n\n");
        others(page, Settings.of(Settings.DEFAULTS));
        page.append("\n## Settings of the Greeter\n\n").append("In its application.yml.\n\n");
        others(page, Settings.of(Settings.APPLICATION));
        return page.toString();
    }

    private void others(StringBuilder page, Settings others) {
        header(page, "value here");
        others.values().forEach((name, value) -> {
            Setting setting = catalogue.find(name);
            boolean own = OWN.stream().anyMatch(name::startsWith) && name.equals(setting.name());
            if (!own && !name.startsWith(INFO)) {
                row(page, name, value, setting);
            }
        });
    }

    private static void header(StringBuilder page, String value) {
        page.append("| setting | ").append(value).append(" | meaning |\n|---|---|---|\n");
    }

    private static void row(StringBuilder page, String name, String value, Setting setting) {
        String description = DESCRIPTIONS.getOrDefault(name, plain(setting.description()));
        assertThat(description).as(name).isNotBlank();
        assertThat(value).as(name).doesNotContain("@");
        page.append("| `").append(name).append("` | ");
        page.append(value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`");
        page.append(" | ").append(description).append(" |\n");
    }

    /** Removes the Javadoc tags from descriptions that contain them unprocessed. */
    private static String plain(String description) {
        return description
                .replaceAll("\\s+", " ")
                .replaceAll(" @(see|param|return) .*", "")
                .replaceAll("\\{@link [^ }]+ ([^}]+)}", "$1")
                .replaceAll("\\{@(code|link) ([^}]+)}", "`$2`")
                .replace("<", "&lt;")
                .replace("|", "\\|");
    }
}
