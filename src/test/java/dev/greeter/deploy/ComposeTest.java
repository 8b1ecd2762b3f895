package dev.greeter.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.convert.DurationStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ComposeTest {

    private JsonNode services;
    private JsonNode greeter;
    private Settings settings;

    @BeforeEach
    void read() throws IOException {
        services = yaml("compose.yaml").path("services");
        greeter = services.path("greeter");
        settings = Settings.shipped();
    }

    @Test
    void everySettingExists() throws IOException {
        SettingsCatalogue catalogue = new SettingsCatalogue();
        List<String> variables = new ArrayList<>();
        greeter.path("environment").fieldNames().forEachRemaining(variables::add);
        assertThat(variables)
                .isNotEmpty()
                .filteredOn(name -> catalogue.findVariable(name) == null)
                .isEmpty();
    }

    @Test
    void theImageOnlySetsSettingsAndLeavesTheConsoleOff() throws IOException {
        SettingsCatalogue catalogue = new SettingsCatalogue();
        assertThat(Dockerfile.environment().keySet())
                .allSatisfy(name ->
                        assertThat(catalogue.findVariable(name)).as(name).isNotNull());
        assertThat(Dockerfile.environment()).containsEntry("SERVICE_WEB_CONSOLE", "false");
    }

    @Test
    void portsAreThoseOfTheApplication() throws IOException {
        String port = String.valueOf(settings.number("grpc.server.port"));
        String web = new SettingsCatalogue().find("service.web.port").standard();
        String management = String.valueOf(settings.number("server.port"));
        assertThat(greeter.path("ports"))
                .extracting(JsonNode::asText)
                .containsExactly("127.0.0.1:" + port + ":" + port, "127.0.0.1:" + web + ":" + web);
        assertThat(yaml("deploy/prometheus/prometheus.yml")
                        .at("/scrape_configs/0/static_configs/0/targets/0")
                        .asText())
                .isEqualTo("localhost:" + management);
        assertThat(services.at("/prometheus/network_mode").asText()).isEqualTo("service:greeter");
        assertThat(Dockerfile.ports()).containsExactlyInAnyOrder(port, web, management);
    }

    @Test
    void drainingEndsBeforeTheKill() {
        assertThat(DurationStyle.detectAndParse(
                        greeter.path("stop_grace_period").asText()))
                .isGreaterThanOrEqualTo(
                        settings.duration("grpc.server.shutdown-grace-period").plusSeconds(5));
    }

    @Test
    void everyMountedFileExists() {
        for (JsonNode service : services) {
            for (JsonNode volume : service.path("volumes")) {
                String source = volume.asText().split(":", 2)[0];
                if (source.startsWith("./")) {
                    assertThat(Path.of(source)).exists();
                }
            }
        }
    }

    @Test
    void noSecretIsWrittenDown() throws IOException {
        for (JsonNode service : services) {
            service.path("environment").properties().forEach(variable -> {
                if (variable.getKey().contains("PASSWORD")) {
                    assertThat(variable.getValue().asText()).startsWith("${").contains(":?");
                }
            });
        }
        assertThat(Files.readAllLines(Path.of(".gitignore"))).contains(".env");
    }

    private static JsonNode yaml(String file) throws IOException {
        Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(Path.of(file)));
        return new ObjectMapper().valueToTree(document);
    }
}
