package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.InProcessTransport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.ContextConfiguration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alerts ask for nothing but what a running server exports. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"greeter.client.enabled=false"})
@ContextConfiguration(initializers = InProcessTransport.class)
class DashboardTest {

    private static final Pattern METRIC =
            Pattern.compile("\\b((?:grpc|greeter|jvm|process|logback|hikaricp)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"");
    private static final Pattern SAMPLE = Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$", Pattern.MULTILINE);

    /** What Prometheus itself adds. */
    private static final Set<String> LABELS_OF_THE_SCRAPE = Set.of("job", "instance");

    /** What is there only with TLS, or with a database. */
    private static final Set<String> OPTIONAL = Set.of(
            "greeter_tls_certificate_expiry_seconds",
            "hikaricp_connections_active",
            "hikaricp_connections_max",
            "hikaricp_connections_pending");

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @LocalServerPort
    private int managementPort;

    private final Map<String, Set<String>> exported = new TreeMap<>();

    @BeforeEach
    void scrape() throws IOException, InterruptedException {
        greeter.sayHello(HelloRequest.newBuilder().setName("Anna").build());
        System.gc(); // is exported once there has been one
        URI uri = URI.create("http://localhost:" + managementPort + "/actuator/prometheus");
        String samples = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        SAMPLE.matcher(samples)
                .results()
                .forEach(sample -> exported.computeIfAbsent(sample.group(1), name -> new HashSet<>())
                        .addAll(labels(String.valueOf(sample.group(2)))));
    }

    @Test
    void everyQueryOfTheDashboardFindsItsMetricsAndLabels() throws IOException {
        JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(Path.of("deploy/grafana/greeter.json")));
        assertExported(dashboard.findValuesAsString("expr"));
        assertExported(dashboard.findValuesAsString("definition"));
    }

    @Test
    void everyAlertFindsItsMetricsAndLabels() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("deploy/prometheus/alerts.yml"))) {
            assertExported(lines.filter(line -> line.startsWith("          "))
                    .filter(line -> METRIC.matcher(line).find())
                    .toList());
        }
    }

    private void assertExported(List<String> queries) {
        assertThat(queries).isNotEmpty();
        for (String query : queries) {
            Matcher metric = METRIC.matcher(query);
            assertThat(metric.find()).as(query).isTrue();
            do {
                if (!OPTIONAL.contains(metric.group(1))) {
                    assertThat(exported).as(query).containsKey(metric.group(1));
                    Set<String> asked = labels(String.valueOf(metric.group(2)));
                    asked.removeAll(LABELS_OF_THE_SCRAPE);
                    assertThat(exported.get(metric.group(1))).as(query).containsAll(asked);
                }
            } while (metric.find());
        }
    }

    private static Set<String> labels(String selector) {
        Set<String> labels = new TreeSet<>();
        LABEL.matcher(selector).results().forEach(label -> labels.add(label.group(1)));
        return labels;
    }
}
