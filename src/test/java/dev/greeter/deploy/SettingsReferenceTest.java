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

    /** A row of a table: one setting or several of one group, and as many values. */
    private static final Pattern ROW = Pattern.compile("^\\| (`[a-z][^|]*`) \\| ([^|]*) \\|", Pattern.MULTILINE);

    private static final Path REFERENCE = Path.of("docs/SETTINGS.md");

    private SettingsCatalogue catalogue;
    private Settings settings;

    @BeforeEach
    void read() throws IOException {
        catalogue = new SettingsCatalogue();
        settings = Settings.of(Settings.APPLICATION);
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

    private String reference() {
        StringBuilder page = new StringBuilder();
        page.append("# Settings\n\n")
                .append("<!-- Written by SettingsReferenceTest from the configuration metadata and application.yml:\n")
                .append("     ./mvnw test -Dtest=SettingsReferenceTest -Dsettings.write=true -->\n\n")
                .append("Set them on the command line (`--grpc.server.port=9000`), in the environment")
                .append(" (`GRPC_SERVER_PORT=9000`: dots become\n`_`, dashes go) or in an `application.yml` in the")
                .append(" working directory or its `config` folder.\n\n")
                .append("## Greeter's own\n\n");
        header(page, "default");
        for (Setting setting : own()) {
            row(page, setting.name(), standard(setting.name()), setting);
        }
        page.append("\n## Spring's and the starters', where Greeter has its own value\n\n")
                .append("Every other setting of [Spring Boot](https://docs.spring.io/spring-boot/appendix/")
                .append("application-properties/index.html)\nand of the [gRPC starters]")
                .append("(https://grpc-ecosystem.github.io/grpc-spring/en/) works as well.\n\n");
        header(page, "value here");
        for (Map.Entry<String, String> entry : settings.values().entrySet()) {
            Setting setting = catalogue.find(entry.getKey());
            if ((setting != null && !entry.getKey().equals(setting.name()))
                    || OWN.stream().noneMatch(entry.getKey()::startsWith)) {
                row(page, entry.getKey(), entry.getValue(), setting);
            }
        }
        return page.toString();
    }

    private static void header(StringBuilder page, String value) {
        page.append("| setting | ").append(value).append(" | meaning |\n|---|---|---|\n");
    }

    private static void row(StringBuilder page, String name, String value, Setting setting) {
        String description = plain(setting.description());
        page.append("| `").append(name).append("` | ");
        page.append(value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`");
        page.append(" | ").append(description).append(" |\n");
    }

    /** Takes the Javadoc out of descriptions that come from it unprocessed. */
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
