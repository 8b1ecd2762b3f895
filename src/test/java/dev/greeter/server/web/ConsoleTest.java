package dev.greeter.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.greeter.server.socket.OtherPort;
import dev.greeter.test.GrpcTest;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** How the files of the console are served; {@code src/test/console} opens it in a browser. */
@GrpcTest({})
@Import(WebServices.class)
@TestPropertySource(properties = {"service.web.port=0", "service.web.address=127.0.0.1"})
class ConsoleTest {

    private static final int FIRST_PAINT = 60_000;
    private static final int LINES = 900;
    private static final Path FILES = Path.of("src/main/resources/dev/greeter/server/web/console");

    @Autowired
    private OtherPort web;

    private HttpResponse<byte[]> get(String path, String... headers) {
        return exchange(Version.HTTP_1_1, "GET", path, headers);
    }

    private HttpResponse<byte[]> exchange(Version version, String method, String path, String... headers) {
        WebClient client = new WebClient(web.number(), version);
        HttpRequest.Builder request = client.request(path).method(method, HttpRequest.BodyPublishers.noBody());
        return client.exchange(headers.length == 0 ? request : request.headers(headers));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static List<String> paths() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            return files.map(Path::getFileName)
                    .map(file -> file.endsWith("index.html") ? "/" : "/console/" + file)
                    .toList();
        }
    }

    @Test
    void everyFileIsServedUnderAStrictPolicy() throws IOException {
        assertThat(paths()).hasSizeGreaterThan(5).allSatisfy(path -> {
            HttpResponse<byte[]> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(header(answer, "content-security-policy"))
                    .startsWith("default-src 'none';")
                    .contains("script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
                    .doesNotContain("unsafe", "http", "*");
            assertThat(header(answer, "x-content-type-options")).isEqualTo("nosniff");
            assertThat(header(answer, "referrer-policy")).isEqualTo("no-referrer");
            assertThat(header(answer, "content-type"))
                    .matches("(text/(html|css|javascript); charset=utf-8|image/svg\\+xml)");
        });
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aFileThatTheBrowserHasIsNotSentAgain(Version version) {
        HttpResponse<byte[]> first = exchange(version, "GET", "/", "accept-encoding", "gzip");
        String tag = header(first, "etag");

        assertThat(header(first, "cache-control")).isEqualTo("no-cache");
        assertThat(header(first, "vary")).contains("accept-encoding");
        HttpResponse<byte[]> again =
                exchange(version, "GET", "/", "accept-encoding", "gzip", "if-none-match", "\"other\", W/" + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(header(again, "etag")).isEqualTo(tag);
        assertThat(exchange(version, "GET", "/", "if-none-match", tag).statusCode())
                .as("the form that is not compressed has another validator")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void headHasTheLengthWithoutTheContent(Version version) {
        int length = exchange(version, "GET", "/console/main.js").body().length;
        HttpResponse<byte[]> head = exchange(version, "HEAD", "/console/main.js");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "content-length")).isEqualTo(String.valueOf(length));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void theFirstPaintIsSmallAndSoAreTheSources() throws IOException {
        int sent = 0;
        for (String path : paths()) {
            HttpResponse<byte[]> answer = get(path, "accept-encoding", "gzip");
            assertThat(header(answer, "content-encoding")).isEqualTo("gzip");
            sent += answer.body().length;
        }
        sent += get("/console/services.json", "accept-encoding", "gzip").body().length;
        assertThat(sent).isLessThan(FIRST_PAINT);

        int lines = 0;
        try (Stream<Path> files = Files.list(FILES)) {
            for (Path file : files.toList()) {
                lines += Files.readAllLines(file).size();
            }
        }
        assertThat(lines).isLessThanOrEqualTo(LINES);
    }

    @Test
    void theCatalogDescribesEachMethodWithItsCommentAndItsRule() {
        HttpResponse<byte[]> answer = get("/console/services.json");
        JsonObject catalog = JsonParser.parseString(new String(answer.body(), StandardCharsets.UTF_8))
                .getAsJsonObject();

        assertThat(header(answer, "content-type")).isEqualTo("application/json");
        JsonObject greeter = find(catalog.getAsJsonArray("services"), "helloworld.Greeter");
        assertThat(greeter.get("comment").getAsString()).startsWith("Greets people in the language");
        assertThat(greeter.getAsJsonArray("methods"))
                .extracting(method -> method.getAsJsonObject().get("name").getAsString())
                .containsExactly("SayHello", "SayHelloStreamReply", "SayHelloStreamRequest", "SayHelloBidiStream");
        JsonObject method = find(greeter.getAsJsonArray("methods"), "SayHelloStreamReply");
        assertThat(method.get("kind").getAsString()).isEqualTo("server_streaming");
        assertThat(method.get("access").getAsString()).isEqualTo("open");
        assertThat(method.get("idempotency").getAsString()).isEqualTo("NO_SIDE_EFFECTS");
        assertThat(method.get("comment").getAsString()).startsWith("Greets one name in every language");
        JsonObject field = catalog.getAsJsonObject("messages")
                .getAsJsonObject(method.get("request").getAsString())
                .getAsJsonArray("fields")
                .get(0)
                .getAsJsonObject();
        assertThat(field.get("type").getAsString()).isEqualTo("string");
        assertThat(field.get("comment").getAsString()).startsWith("Required:");
        assertThat(catalog.getAsJsonObject("enums").keySet())
                .contains("grpc.health.v1.HealthCheckResponse.ServingStatus");
    }

    @Test
    void theContractsAreSelfContained() throws IOException, DescriptorValidationException {
        Map<String, FileDescriptor> known = new HashMap<>();
        byte[] contracts = get("/console/contracts.binpb").body();
        for (FileDescriptorProto file : FileDescriptorSet.parseFrom(contracts).getFileList()) {
            FileDescriptor[] imports =
                    file.getDependencyList().stream().map(known::get).toArray(FileDescriptor[]::new);
            known.put(file.getName(), FileDescriptor.buildFrom(file, imports));
        }

        assertThat(known).containsKeys("helloworld.proto", "grpc/reflection/v1/reflection.proto");
    }

    private static JsonObject find(Iterable<JsonElement> parts, String name) {
        for (JsonElement part : parts) {
            if (part.getAsJsonObject().get("name").getAsString().equals(name)) {
                return part.getAsJsonObject();
            }
        }
        throw new AssertionError(name + " is not there");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/console/", "/console/none.js", "/console/../application.yml", "/console/%2e%2e/x", "/x"})
    void nothingElseIsAFile(String path) {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void aFileIsOnlyRead() {
        HttpResponse<byte[]> answer = exchange(Version.HTTP_1_1, "POST", "/");

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(header(answer, "allow")).isEqualTo("GET, HEAD");
    }
}
