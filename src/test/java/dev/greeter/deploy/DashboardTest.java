package dev.greeter.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc.GreeterBlockingStub;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.Certificates;
import dev.greeter.test.TestDatabases;
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
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alerts query only metrics that a running server exports. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "greeter.client.enabled=false",
            "grpc.server.address=127.0.0.1",
            "grpc.server.port=0",
            "service.web.port=-1",
            "grpc.server.security.enabled=true",
            // The context outlives its files.
            "service.tls.reload=1d",
            "greeter.client.tls-reload=1d",
            "grpc.client.greeter.negotiation-type=tls"
        })
class DashboardTest {

    private static final Pattern METRIC =
            Pattern.compile("\\b((?:grpc|tls|jvm|process|logback|hikaricp)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"");
    private static final Pattern REASONS = Pattern.compile("reason=~\"([^\"]*)\"");
    private static final Pattern SAMPLE = Pattern.compile("^(\\w+)(?:\\{(.*)})? \\S+$", Pattern.MULTILINE);

    /** What Prometheus itself adds. */
    private static final Set<String> LABELS_OF_THE_SCRAPE = Set.of("job", "instance");

    @TempDir
    private static Path files;

    @GrpcClient("greeter")
    private GreeterBlockingStub greeter;

    @LocalServerPort
    private int managementPort;

    private final Map<String, Set<String>> exported = new TreeMap<>();
    private String samples = "";

    @DynamicPropertySource
    static void everythingThatIsExported(DynamicPropertyRegistry settings) {
        HeldCertificate authority = Certificates.authority("authority");
        Certificates.write(files, "server", Certificates.server(authority));
        Certificates.write(files.resolve("ca.crt"), authority.certificatePem());
        settings.add("grpc.server.security.certificate-chain", () -> uri("server.crt"));
        settings.add("grpc.server.security.private-key", () -> uri("server.key"));
        settings.add("grpc.client.greeter.security.trust-cert-collection", () -> uri("ca.crt"));
        settings.add("spring.datasource.url", TestDatabases.h2());
    }

    private static String uri(String file) {
        return files.resolve(file).toUri().toString();
    }

    @BeforeEach
    void scrape() throws IOException, InterruptedException {
        greeter.sayHello(HelloRequest.newBuilder().setName("Anna").build());
        System.gc(); // its metrics are exported after the first one
        URI uri = URI.create("http://localhost:" + managementPort + "/actuator/prometheus");
        samples = HttpClient.newHttpClient()
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

    @Test
    void everyReasonOfARefusalThatAnAlertNamesExists() throws IOException {
        assertThat(REASONS.matcher(Files.readString(Path.of("deploy/prometheus/alerts.yml")))
                        .results()
                        .flatMap(reasons -> Stream.of(reasons.group(1).split("\\|", -1))))
                .isNotEmpty()
                .allSatisfy(reason ->
                        assertThat(samples).contains("grpc_server_refusals_total{reason=\"" + reason + "\"}"));
    }

    private void assertExported(List<String> queries) {
        assertThat(queries).isNotEmpty();
        for (String query : queries) {
            Matcher metric = METRIC.matcher(query);
            assertThat(metric.find()).as(query).isTrue();
            do {
                assertThat(exported).as(query).containsKey(metric.group(1));
                Set<String> asked = labels(String.valueOf(metric.group(2)));
                asked.removeAll(LABELS_OF_THE_SCRAPE);
                assertThat(exported.get(metric.group(1))).as(query).containsAll(asked);
            } while (metric.find());
        }
    }

    private static Set<String> labels(String selector) {
        Set<String> labels = new TreeSet<>();
        LABEL.matcher(selector).results().forEach(label -> labels.add(label.group(1)));
        return labels;
    }

    /** Sets the address of the client to the port of the server. */
    @TestConfiguration
    static class Port {

        @Bean
        ApplicationListener<GrpcServerStartedEvent> clientAddress(GrpcChannelsProperties clients) {
            return started ->
                    clients.getChannel("greeter").setAddress(URI.create("static://localhost:" + started.getPort()));
        }
    }
}
