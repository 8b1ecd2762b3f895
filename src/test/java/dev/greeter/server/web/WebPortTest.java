package dev.greeter.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import dev.greeter.server.socket.OtherPort;
import dev.greeter.server.web.WebClient.Answer;
import dev.greeter.server.web.WebClient.Form;
import dev.greeter.test.GrpcTest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** What the web port answers, through the whole chain. */
@GrpcTest({})
@Import(WebServices.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestPropertySource(
        properties = {
            "service.web.port=0",
            "service.web.address=127.0.0.1",
            // The root then is a path like any other.
            "service.web.console=false",
            "service.web.cors.allowed-origins=https://page.example",
            "service.access-log.enabled=true",
            "service.limit.handshake-timeout=2s",
            "service.access.[grpc.health.v1.Health/Check]=authenticated"
        })
class WebPortTest {

    private static final String UNARY = "SayHello";
    private static final String SERVER_STREAM = "SayHelloStreamReply";
    private static final String CLIENT_STREAM = "SayHelloStreamRequest";
    private static final String BIDI = "SayHelloBidiStream";
    private static final Form JSON = new Form("connect", true, false);

    @Autowired
    private OtherPort web;

    @Autowired
    private WebGreeter greeter;

    @Autowired
    private MeterRegistry meters;

    private final Map<Version, WebClient> clients = new EnumMap<>(Version.class);
    private WebClient client;

    @BeforeEach
    void connect() {
        greeter.cancelled = new CompletableFuture<>();
        greeter.called = new CompletableFuture<>();
        client = client(Version.HTTP_1_1);
    }

    private WebClient client(Version version) {
        return clients.computeIfAbsent(version, wanted -> new WebClient(web.number(), wanted));
    }

    static Stream<Arguments> forms() {
        List<Arguments> forms = new ArrayList<>();
        for (Version version : Version.values()) {
            for (String protocol : List.of("connect", "grpc-web", "grpc-web-text")) {
                for (boolean json : new boolean[] {true, false}) {
                    for (boolean gzip : new boolean[] {true, false}) {
                        forms.add(Arguments.of(version, new Form(protocol, json, gzip)));
                    }
                }
            }
        }
        return forms.stream();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyKindOfCallIsAnswered(Version version, Form form) {
        WebClient caller = client(version);
        Answer unary = caller.call(form, UNARY, List.of("Ada"));

        assertThat(unary.replies()).containsExactly("Hello, Ada!");
        assertThat(unary.status()).isEqualTo(form.isConnect() ? "ok" : "0");
        assertThat(unary.http().version()).isEqualTo(version);
        assertThat(unary.http().headers().firstValue("content-type")).contains(form.contentType(UNARY));
        assertThat(caller.call(form, SERVER_STREAM, List.of("Ada")).replies())
                .containsExactly("Hello, Ada!", "Hello, Ada!");
        assertThat(caller.call(form, CLIENT_STREAM, List.of("Ada", "Bob", "Eve"))
                        .replies())
                .containsExactly("Hello, Ada! Hello, Bob! Hello, Eve!");
        assertThat(caller.call(form, BIDI, List.of("Ada", "Bob")).replies())
                .containsExactly("Hello, Ada!", "Hello, Bob!");
        assertThat(caller.call(form, BIDI, List.of()).replies()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aLongReplyIsWholeAndCompressedWhereTheCallerAcceptsIt(Version version, Form form) {
        for (String method : List.of(UNARY, SERVER_STREAM)) {
            Answer answer = client(version).call(form, method, List.of("large"));

            assertThat(answer.replies()).isNotEmpty().allMatch("x".repeat(100_000)::equals);
            assertThat(answer.http().body().length < 10_000).isEqualTo(form.gzip());
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void anErrorHasItsStatusItsTextAndItsDetails(Version version, Form form) {
        for (String method : List.of(UNARY, SERVER_STREAM, CLIENT_STREAM, BIDI)) {
            Answer answer = client(version).call(form, method, List.of("fail"));

            assertThat(answer.status()).isEqualTo(form.isConnect() ? "not_found" : "5");
            assertThat(answer.message()).isEqualTo("Nobody is there: é%");
            assertThat(answer.http().statusCode()).isEqualTo(form.isConnect() && method.equals(UNARY) ? 404 : 200);
            if (form.isConnect()) {
                JsonObject detail = answer.details().getAsJsonArray().get(0).getAsJsonObject();
                assertThat(detail.get("type").getAsString()).isEqualTo("google.rpc.ErrorInfo");
                assertThat(detail.getAsJsonObject("debug").get("reason").getAsString())
                        .isEqualTo("NOBODY");
                assertThat(detail.get("value").getAsString()).doesNotContain("=");
            } else {
                assertThat(answer.trailers()).containsKey("grpc-status-details-bin");
            }
        }
        Answer later = client(version).call(form, SERVER_STREAM, List.of("fail later"));
        assertThat(later.replies()).hasSize(2);
        assertThat(later.status()).isEqualTo(form.isConnect() ? "not_found" : "5");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void metadataGoesBothWays(Version version, Form form) {
        String data = Base64.getEncoder().withoutPadding().encodeToString(new byte[] {0, (byte) 0xff, 7, 8});
        for (String method : List.of(UNARY, SERVER_STREAM, CLIENT_STREAM, BIDI)) {
            Answer answer = client(version)
                    .call(form, method, List.of("Ada"), "x-text", "one", "x-text", "two", "x-data-bin", data);

            assertThat(answer.http().headers().allValues("x-text")).containsExactly("one", "two");
            assertThat(answer.http().headers().firstValue("x-data-bin")).contains(data);
            assertThat(answer.trailers()).containsEntry("x-text", "one,two").containsEntry("x-data-bin", data);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aTimeoutIsTheCallsDeadline(Version version, Form form) {
        String[] timeout =
                form.isConnect() ? new String[] {"connect-timeout-ms", "7000"} : new String[] {"grpc-timeout", "7S"};
        String left = client(version)
                .call(form, UNARY, List.of("timeout"), timeout)
                .replies()
                .get(0);

        assertThat(Integer.parseInt(left.replaceAll("\\D", ""))).isBetween(1000, 7000);
        timeout[1] = form.isConnect() ? "50" : "50m";
        for (String method : List.of(UNARY, SERVER_STREAM)) {
            Answer late = client(version).call(form, method, List.of("never"), timeout);
            assertThat(late.status()).isEqualTo(form.isConnect() ? "deadline_exceeded" : "4");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aMessageOverTheLimitIsRefused(Version version, Form form) {
        // 70,000 bytes that shrink to a few hundred: what is limited is the message and not what carries it
        for (String method : List.of(UNARY, CLIENT_STREAM, BIDI)) {
            Answer answer = client(version).call(form, method, List.of("a".repeat(70_000)));

            assertThat(answer.status()).isEqualTo(form.isConnect() ? "resource_exhausted" : "8");
            assertThat(answer.message()).contains("grpc.server.max-inbound-message-size, 65536 bytes");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aBodyOverTheLimitIsRefusedAndReadToItsEnd(Version version, Form form) {
        for (String method : List.of(UNARY, BIDI)) {
            Answer answer =
                    client(version).call(form, method, "###?".repeat(200_000).getBytes(StandardCharsets.US_ASCII));

            assertThat(answer.status()).isNotEqualTo(form.isConnect() ? "ok" : "0");
        }
        assertThat(client(version).call(form, UNARY, List.of("Ada")).replies()).containsExactly("Hello, Ada!");
    }

    @ParameterizedTest
    @CsvSource({
        "{\"nam\": \"Ada\"}, Cannot find field: nam",
        "{\"name\": 1]}, does not fit",
        "{\"name\": {}}, does not fit",
        "'', does not fit",
        "[], does not fit",
        "{\"name\": \"Ada\"} {}, does not fit"
    })
    void jsonThatDoesNotFitIsRefusedWithTheReason(String json, String reason) {
        Answer answer = client.call(JSON, UNARY, json.getBytes(StandardCharsets.UTF_8));

        assertThat(answer.status()).isEqualTo("invalid_argument");
        assertThat(answer.message()).contains(reason);
    }

    @Test
    void jsonThatIsNestedTooDeeplyIsRefused() {
        Answer answer = client.call(JSON, UNARY, ("{\"name\":" + "[".repeat(60_000)).getBytes(StandardCharsets.UTF_8));

        assertThat(answer.status()).isEqualTo("invalid_argument");
    }

    @Test
    void jsonThatIsNotUtf8IsRefused() {
        byte[] latin = "{\"name\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(client.call(JSON, UNARY, latin).status()).isEqualTo("invalid_argument");
    }

    @ParameterizedTest
    @CsvSource({
        "connect,       4, 1, unknown flags, invalid_argument, 3",
        "connect,       123, 577659245, Before each message there are five bytes, invalid_argument, 3",
        "connect,       1, 1, no header says how, internal, 13",
        "connect,       0, 9, ends within a message, invalid_argument, 3",
        "grpc-web,      0, 9, ends within a message, invalid_argument, 3",
        "grpc-web,      128, 1, unknown flags, invalid_argument, 3",
        "connect,       0, 2000000000, larger than, resource_exhausted, 8"
    })
    void aMalformedEnvelopeIsRefused(String protocol, int flags, int length, String text, String connect, String grpc) {
        Form form = new Form(protocol, false, false);
        byte[] body = WebClient.envelope(flags, new byte[] {0});
        ByteBuffer.wrap(body).putInt(1, length);

        Answer answer = client.call(form, BIDI, body);

        assertThat(answer.message()).contains(text);
        assertThat(answer.status()).isEqualTo(form.isConnect() ? connect : grpc);
    }

    @Test
    void whatIsNoGzipOrNoBase64IsRefused() {
        Form gzip = new Form("connect", false, true);
        assertThat(client.call(gzip, UNARY, new byte[] {1, 2, 3}).message()).contains("not compressed by gzip");
        Form text = new Form("grpc-web-text", false, false);
        assertThat(client.call(text, UNARY, "###?".getBytes(StandardCharsets.US_ASCII))
                        .message())
                .contains("not base64");
        assertThat(client.call(text, UNARY, "AAA".getBytes(StandardCharsets.US_ASCII))
                        .message())
                .contains("not base64");
    }

    @ParameterizedTest
    @CsvSource({
        "content-encoding,         br,   unimplemented,    compression \"br\" is unknown",
        "connect-protocol-version, 2,    invalid_argument, version of Connect",
        "connect-timeout-ms,       1s,   invalid_argument, connect-timeout-ms",
        "connect-timeout-ms,       12345678901, invalid_argument, connect-timeout-ms",
        "x-data-bin,               #,    invalid_argument, x-data-bin is not base64"
    })
    void aMalformedHeaderIsRefused(String name, String value, String status, String text) {
        Answer answer = client.call(JSON, UNARY, List.of("Ada"), name, value);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.message()).contains(text);
    }

    @Test
    void headersOverTheLimitAreRefused() {
        Answer answer = client.call(JSON, UNARY, List.of("Ada"), "x-text", "a".repeat(17_000));

        assertThat(answer.status()).isEqualTo("resource_exhausted");
        assertThat(answer.message()).contains("grpc.server.max-inbound-metadata-size");
        assertThat(client.exchange(client.request("/helloworld.Greeter/SayHello")
                                .header("x-text", "a".repeat(60_000))
                                .GET())
                        .statusCode())
                .isEqualTo(431);
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aMethodThatChangesNothingIsCalledByGet(Version version) {
        String json = "/helloworld.Greeter/SayHello?connect=v1&encoding=json&message=%7B%22name%22%3A%22Ada%22%7D";
        HttpResponse<byte[]> answer =
                client(version).exchange(client.request(json).GET());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo("{\"message\":\"Hello, Ada!\"}");
        String message = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        WebClient.gzip(WebClient.body(new Form("connect", false, false), UNARY, List.of("Ada"))));
        HttpResponse<byte[]> proto = client(version)
                .exchange(
                        client.request("/helloworld.Greeter/SayHello?encoding=proto&base64=1&compression=gzip&message="
                                        + message)
                                .GET());
        assertThat(client.connectUnary(new Form("connect", false, false), proto).replies())
                .containsExactly("Hello, Ada!");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /,                                      ,                     404, /helloworld.Greeter/SayHello",
        "GET,  /console/main.js,                       ,                     404, /helloworld.Greeter/SayHello",
        "GET,  /console/services.json,                 ,                     404, /helloworld.Greeter/SayHello",
        "POST, /helloworld.Greeter/SayBye,             application/json,     404, /helloworld.Greeter/SayHello",
        "PUT,  /helloworld.Greeter/SayHello,           application/json,     405, GET or POST",
        "GET,  /helloworld.Greeter/SayHelloBidiStream, ,                     405, POST",
        "GET,  /helloworld.Greeter/SayHello,           ,                     415, encoding",
        "POST, /helloworld.Greeter/SayHello,           ,                     415, application/json",
        "POST, /helloworld.Greeter/SayHello,           application/grpc,     415, application/grpc-web+proto",
        "POST, /helloworld.Greeter/SayHello,           application/connect+json, 415, application/json",
        "POST, /helloworld.Greeter/SayHelloBidiStream, application/json,     415, application/connect+json"
    })
    void whoeverIsLostIsToldTheWay(String method, String path, String contentType, int status, String text) {
        for (Version version : Version.values()) {
            var request = client.request(path)
                    .method(
                            method,
                            method.equals("GET")
                                    ? BodyPublishers.noBody()
                                    : BodyPublishers.ofString("{\"name\":\"Ada\"}"));
            if (contentType != null) {
                request.header("content-type", contentType);
            }
            HttpResponse<byte[]> answer = client(version).exchange(request);

            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(text);
            assertThat(answer.headers().firstValue("allow").isPresent()).isEqualTo(status == 405);
            assertThat(answer.headers().firstValue("accept-post").isPresent()).isEqualTo(status == 415);
        }
    }

    @Test
    void thePageOfAnAllowedOriginMayCall() {
        HttpResponse<byte[]> preflight = preflight("https://page.example");

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("access-control-allow-origin"))
                .contains("https://page.example");
        assertThat(preflight
                        .headers()
                        .firstValue("access-control-allow-headers")
                        .orElse(""))
                .contains("content-type", "authorization", "connect-protocol-version", "x-grpc-web", "x-mine");
        assertThat(preflight.headers().firstValue("access-control-max-age")).contains("7200");
        assertThat(preflight.headers().firstValue("vary")).contains("origin");
        Answer answer = client.call(JSON, UNARY, List.of("Ada"), "origin", "https://page.example", "x-text", "t");
        assertThat(answer.http().headers().firstValue("access-control-allow-origin"))
                .contains("https://page.example");
        assertThat(answer.http()
                        .headers()
                        .firstValue("access-control-expose-headers")
                        .orElse(""))
                .contains("x-text", "trailer-x-text", "grpc-status");
    }

    @Test
    void thePageOfAnotherOriginMayNot() {
        HttpResponse<byte[]> preflight = preflight("https://other.example");

        assertThat(preflight.statusCode()).isEqualTo(403);
        assertThat(preflight.headers().firstValue("access-control-allow-origin"))
                .isEmpty();
        assertThat(client.call(JSON, UNARY, List.of("Ada"), "origin", "https://other.example")
                        .http()
                        .headers()
                        .firstValue("access-control-allow-origin"))
                .isEmpty();
    }

    private HttpResponse<byte[]> preflight(String origin) {
        return client.exchange(client.request("/helloworld.Greeter/SayHello")
                .method("OPTIONS", BodyPublishers.noBody())
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "x-mine"));
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void messagesThatComeOneByOneAreAllForwarded(Version version) {
        Form form = new Form("grpc-web", false, false);
        WebClient caller = client(version);
        List<byte[]> parts = Collections.nCopies(50, WebClient.body(form, BIDI, List.of("Ada")));
        for (int round = 0; round < 20; round++) {
            Answer answer = caller.grpcWeb(
                    form,
                    caller.exchange(caller.request("/helloworld.Greeter/" + BIDI)
                            .header("content-type", form.contentType(BIDI))
                            .POST(BodyPublishers.ofByteArrays(parts))));

            assertThat(answer.status()).as(answer.message()).isEqualTo("0");
            assertThat(answer.replies()).hasSize(50);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aCallerWhoLeavesCancelsTheCall(Version version) throws Exception {
        for (String method : List.of(UNARY, SERVER_STREAM)) {
            greeter.cancelled = new CompletableFuture<>();
            greeter.called = new CompletableFuture<>();
            WebClient caller = client(version);
            var answer = caller.http()
                    .sendAsync(
                            caller.request("/helloworld.Greeter/" + method)
                                    .header("content-type", new Form("grpc-web", false, false).contentType(method))
                                    .POST(BodyPublishers.ofByteArray(WebClient.body(
                                            new Form("grpc-web", false, false), method, List.of("never"))))
                                    .build(),
                            BodyHandlers.ofByteArray());
            greeter.called.get(10, TimeUnit.SECONDS);
            answer.cancel(true);

            assertThat(greeter.cancelled.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void aReaderWhoStopsMakesTheServerWait(Version version) throws Exception {
        greeter.flooded.set(0);
        WebClient caller = client(version);
        HttpResponse<InputStream> answer = caller.http()
                .send(
                        caller.request("/helloworld.Greeter/" + SERVER_STREAM)
                                .header("content-type", "application/connect+proto")
                                .POST(BodyPublishers.ofByteArray(WebClient.body(
                                        new Form("connect", false, false), SERVER_STREAM, List.of("flood"))))
                                .build(),
                        BodyHandlers.ofInputStream());
        try (InputStream unread = answer.body()) {
            List<Integer> sent = new ArrayList<>();
            Awaitility.await()
                    .pollInterval(200, TimeUnit.MILLISECONDS)
                    .atMost(20, TimeUnit.SECONDS)
                    .until(() -> {
                        sent.add(greeter.flooded.get());
                        int count = sent.size();
                        return count > 3
                                && sent.get(count - 1) > 0
                                && sent.get(count - 1).equals(sent.get(count - 3));
                    });
            assertThat(greeter.flooded.get()).isLessThan(WebGreeter.FLOOD / 10);

            int before = greeter.flooded.get();
            unread.readNBytes(20_000_000);
            assertThat(greeter.flooded.get()).isGreaterThan(before);
        }
        assertThat(greeter.cancelled.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void requestsThatFollowOneAnotherAtOnceAreAnsweredInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            String body = "{\"name\":\"n" + i + "\"}";
            requests.append("POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\n")
                    .append("content-type: application/json\r\ncontent-length: " + body.length() + "\r\n")
                    .append(i == 49 ? "connection: close\r\n" : "")
                    .append("\r\n" + body);
        }
        String answers = raw(requests.toString());

        for (int i = 0; i < 50; i++) {
            int at = answers.indexOf("Hello, n" + i + "!");
            assertThat(at).as("answer %d", i).isPositive();
            answers = answers.substring(at);
        }
    }

    @Test
    void manyRequestsThatWaitForASlowOneAreAnswered() throws IOException {
        String slow = "{\"name\":\"never\"}";
        String requests = "POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\nconnect-timeout-ms: 500\r\n"
                + "content-type: application/json\r\ncontent-length: " + slow.length() + "\r\n\r\n" + slow
                + "GET /x HTTP/1.1\r\nhost: a\r\n\r\n".repeat(5_000)
                + "GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

        assertThat(raw(requests)).startsWith("HTTP/1.1 504").contains("There is no /last.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "connection: keep-alive\r\n"})
    void theStreamOfACallerByHttp10EndsWithItsConnection(String header) throws IOException {
        String body = "{\"name\":\"Ada\"}";
        String answer = raw("POST /helloworld.Greeter/" + SERVER_STREAM + " HTTP/1.0\r\n" + header
                + "content-type: application/connect+json\r\ncontent-length: " + (5 + body.length()) + "\r\n\r\n"
                + new String(
                        WebClient.envelope(0, body.getBytes(StandardCharsets.US_ASCII)), StandardCharsets.US_ASCII));

        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .contains("connection: close")
                .doesNotContain("transfer-encoding");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                .matches("(?s)\0\0\0\0.\\{\"message\":\"Hello, Ada!\"}".repeat(2) + "\2\0\0\0\2\\{}");
    }

    @Test
    void whoExpectsToContinueIsToldSo() throws IOException {
        String body = "{\"name\":\"Ada\"}";
        assertThat(raw("POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n"
                        + "connection: close\r\ncontent-type: application/json\r\ncontent-length: " + body.length()
                        + "\r\n\r\n" + body))
                .startsWith("HTTP/1.1 100 Continue")
                .contains("Hello, Ada!");
    }

    @Test
    void whoSendsNoRequestOrHalfOfOneIsDisconnected() throws IOException {
        assertThat(raw("")).isEmpty();
        assertThat(raw("POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: ")).isEmpty();
        assertThat(raw("POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
                        + "connect-timeout-ms: 200\r\ncontent-length: 50\r\n\r\n{"))
                .startsWith("HTTP/1.1 504")
                .contains("deadline_exceeded");
        assertThat(raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(raw("GET /" + "a".repeat(200_000) + " HTTP/1.1\r\nhost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 414");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /helloworld.Greeter/SayHello?encoding=json&message=%zz HTTP/1.1\r\nhost: a",
                "POST /% HTTP/1.1\r\nhost: a",
                "POST /helloworld.Greeter/SayHello HTTP/1.1",
                "POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\nhost: b",
                "POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"
                        + "content-type: application/json\r\n\r\nnone",
                "POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnone"
            })
    void aMalformedRequestIsAnswered(String request) throws IOException {
        assertThat(raw(request + "\r\nconnection: close\r\n\r\n"))
                .startsWith(request.contains("nowhere") ? "HTTP/1.1 404" : "HTTP/1.1 400");
    }

    @Test
    void aRequestMayNameItsServer() throws IOException {
        assertThat(raw("POST http://a/helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                        + "content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"))
                .startsWith("HTTP/1.1 200");
    }

    /** Returns all that the server sends until it closes the connection. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.number())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theCallerIsKnownByItsOwnAddress() {
        assertThat(client.call(JSON, UNARY, List.of("peer"), "web-peer-bin", "AAAA")
                        .replies()
                        .get(0))
                .contains("/127.0.0.1:");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void theServiceSeesTheHeadersOfTheCallerAndNoOther(Version version, Form form) {
        assertThat(client(version)
                        .call(form, UNARY, List.of("headers"), "user-agent", "one", "user-agent", "two", "x-text", "t")
                        .replies())
                .containsExactly("Metadata(x-text=t,user-agent=one,user-agent=two)");
    }

    @Test
    void aCallWithoutAUserAgentHasNone() throws IOException {
        String body = "{\"name\":\"headers\"}";
        assertThat(raw("POST /helloworld.Greeter/SayHello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
                        + "content-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n" + body))
                .endsWith("{\"message\":\"Metadata()\"}");
    }

    @Test
    void theTraceOfTheCallerReachesTheCall() {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        assertThat(client.call(JSON, UNARY, List.of("headers"), "traceparent", trace)
                        .replies()
                        .get(0))
                .contains("traceparent");
    }

    @Test
    void theAccessLogTellsThatACallCameByTheWebAndHowItEnded() {
        Logger log = (Logger) LoggerFactory.getLogger("access");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try {
            client.call(JSON, UNARY, "{\"nam\":1}".getBytes(StandardCharsets.UTF_8), "web-peer-bin", "AAAA");

            assertThat(lines.list)
                    .singleElement()
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .asString()
                    .matches("helloworld\\.Greeter/SayHello INVALID_ARGUMENT \\S+ms received=1 sent=0"
                            + " peer=/127\\.0\\.0\\.1:\\d+ user=- trace=- via=web");
        } finally {
            log.detachAppender(lines);
        }
    }

    @Test
    void aCallIsCountedLikeThoseByGrpc() {
        double before = sayHelloCalls("OK");
        double received = received();
        client.call(JSON, UNARY, List.of("Ada"));

        assertThat(sayHelloCalls("OK")).isEqualTo(before + 1);
        assertThat(received()).isEqualTo(received + 1);
    }

    private double sayHelloCalls(String status) {
        return meters
                .find("grpc.server.processing.duration")
                .tags("method", "SayHello", "statusCode", status)
                .timers()
                .stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private double received() {
        return meters.get("grpc.server.requests.received")
                .tag("method", "SayHello")
                .functionCounter()
                .count();
    }

    @Test
    void aCallWithoutTheTokenThatItNeedsIsUnauthenticated() {
        Answer answer = client.connectUnary(
                JSON,
                client.exchange(client.request("/grpc.health.v1.Health/Check")
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString("{}"))));

        assertThat(answer.status()).isEqualTo("unauthenticated");
        assertThat(answer.http().statusCode()).isEqualTo(401);
        assertThat(answer.details().toString()).contains("CREDENTIALS_MISSING");
    }
}
