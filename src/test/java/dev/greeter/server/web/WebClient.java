package dev.greeter.server.web;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Speaks the protocols of the web as their specifications have them, without the code under test. */
final class WebClient {

    private static final String UNARY = "SayHello";

    private final String server;
    private final HttpClient http;

    WebClient(int port, HttpClient.Version version) {
        this(
                "http://127.0.0.1:" + port,
                HttpClient.newBuilder()
                        .version(version)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build());
        if (version == HttpClient.Version.HTTP_2) {
            // An upgrade begins the connection, on which what follows is HTTP/2 at once.
            exchange(HttpRequest.newBuilder(URI.create(server + "/")));
        }
    }

    WebClient(String server, HttpClient http) {
        this.server = server;
        this.http = http;
    }

    /** How a call is made. */
    record Form(String protocol, boolean json, boolean gzip) {

        boolean isConnect() {
            return protocol.equals("connect");
        }

        boolean isText() {
            return protocol.equals("grpc-web-text");
        }

        String contentType(String method) {
            String codec = json ? "json" : "proto";
            if (isConnect()) {
                return "application/" + (method.equals(UNARY) ? "" : "connect+") + codec;
            }
            return "application/" + protocol + "+" + codec;
        }
    }

    /** What came of a call: the status by its name in Connect or its number in gRPC-Web. */
    record Answer(
            HttpResponse<byte[]> http,
            String status,
            String message,
            List<String> replies,
            Map<String, String> trailers,
            JsonElement details) {}

    HttpResponse<byte[]> exchange(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server + path));
    }

    HttpClient http() {
        return http;
    }

    Answer call(Form form, String method, List<String> names, String... headers) {
        byte[] body = body(form, method, names);
        return call(form, method, body, headers);
    }

    static byte[] body(Form form, String method, List<String> names) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (String name : names) {
            byte[] message = encode(form, name);
            if (form.gzip()) {
                message = gzip(message);
            }
            if (!form.isConnect() || !method.equals(UNARY)) {
                body.writeBytes(envelope(form.gzip() ? 1 : 0, message));
            } else {
                body.writeBytes(message);
            }
        }
        return form.isText() ? Base64.getEncoder().encode(body.toByteArray()) : body.toByteArray();
    }

    Answer call(Form form, String method, byte[] body, String... headers) {
        HttpRequest.Builder request = request("/helloworld.Greeter/" + method)
                .header("content-type", form.contentType(method))
                .POST(BodyPublishers.ofByteArray(body));
        if (form.gzip()) {
            String encoding = form.isConnect()
                    ? method.equals(UNARY) ? "content-encoding" : "connect-content-encoding"
                    : "grpc-encoding";
            request.header(encoding, "gzip");
            request.header(
                    form.isConnect()
                            ? method.equals(UNARY) ? "accept-encoding" : "connect-accept-encoding"
                            : "grpc-accept-encoding",
                    "gzip");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<byte[]> response = exchange(request);
        if (form.isConnect()) {
            return method.equals(UNARY) ? connectUnary(form, response) : connectStream(form, response);
        }
        return grpcWeb(form, response);
    }

    Answer connectUnary(Form form, HttpResponse<byte[]> response) {
        Map<String, String> trailers = new TreeMap<>();
        response.headers().map().forEach((name, values) -> {
            if (name.startsWith("trailer-")) {
                trailers.put(name.substring("trailer-".length()), String.join(",", values));
            }
        });
        byte[] body = response.body();
        if (response.headers().firstValue("content-encoding").orElse("").equals("gzip")) {
            body = gunzip(body);
        }
        if (response.statusCode() == 200) {
            return new Answer(response, "ok", "", List.of(decode(form, body)), trailers, new JsonObject());
        }
        JsonObject error =
                JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
        return failed(response, error, List.of(), trailers);
    }

    private static Answer failed(
            HttpResponse<byte[]> response, JsonObject error, List<String> replies, Map<String, String> trailers) {
        return new Answer(
                response,
                error.get("code").getAsString(),
                error.has("message") ? error.get("message").getAsString() : "",
                replies,
                trailers,
                error.get("details"));
    }

    private Answer connectStream(Form form, HttpResponse<byte[]> response) {
        List<String> replies = new ArrayList<>();
        Map<String, String> trailers = new TreeMap<>();
        ByteBuffer body = ByteBuffer.wrap(response.body());
        while (body.hasRemaining()) {
            int flags = body.get();
            byte[] message = message(body);
            if (flags == 2) {
                assertEnd(body);
                JsonObject end = JsonParser.parseString(new String(message, StandardCharsets.UTF_8))
                        .getAsJsonObject();
                if (end.has("metadata")) {
                    end.getAsJsonObject("metadata").asMap().forEach((name, values) -> {
                        List<String> all = new ArrayList<>();
                        values.getAsJsonArray().forEach(value -> all.add(value.getAsString()));
                        trailers.put(name, String.join(",", all));
                    });
                }
                return end.has("error")
                        ? failed(response, end.getAsJsonObject("error"), replies, trailers)
                        : new Answer(response, "ok", "", replies, trailers, new JsonObject());
            }
            replies.add(decode(form, flags == 1 ? gunzip(message) : message));
        }
        throw new AssertionError("The stream has no end: " + replies);
    }

    Answer grpcWeb(Form form, HttpResponse<byte[]> response) {
        List<String> replies = new ArrayList<>();
        ByteBuffer body = ByteBuffer.wrap(form.isText() ? decodeText(response.body()) : response.body());
        while (body.hasRemaining()) {
            int flags = body.get() & 0xff;
            byte[] message = message(body);
            if (flags == 0x80) {
                assertEnd(body);
                Map<String, String> trailers = new TreeMap<>();
                for (String line :
                        new String(message, StandardCharsets.US_ASCII).lines().toList()) {
                    String[] trailer = line.split(": ?", 2);
                    trailers.merge(trailer[0], trailer[1], (one, other) -> one + "," + other);
                }
                return new Answer(
                        response,
                        String.valueOf(trailers.remove("grpc-status")),
                        decodePercent(trailers),
                        replies,
                        trailers,
                        new JsonObject());
            }
            replies.add(decode(form, flags == 1 ? gunzip(message) : message));
        }
        throw new AssertionError("There are no trailers after " + replies + ", HTTP " + response.statusCode());
    }

    private static String decodePercent(Map<String, String> trailers) {
        String message = trailers.remove("grpc-message");
        return message == null ? "" : java.net.URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void assertEnd(ByteBuffer body) {
        if (body.hasRemaining()) {
            throw new AssertionError("There is more after the end");
        }
    }

    private static byte[] message(ByteBuffer body) {
        byte[] message = new byte[body.getInt()];
        body.get(message);
        return message;
    }

    private static byte[] decodeText(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length; i += 4) {
            bytes.writeBytes(Base64.getDecoder().decode(new String(text, i, 4, StandardCharsets.US_ASCII)));
        }
        return bytes.toByteArray();
    }

    static byte[] envelope(int flags, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) flags)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static byte[] encode(Form form, String name) {
        HelloRequest request = HelloRequest.newBuilder().setName(name).build();
        try {
            return form.json()
                    ? JsonFormat.printer().print(request).getBytes(StandardCharsets.UTF_8)
                    : request.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String decode(Form form, byte[] message) {
        try {
            if (!form.json()) {
                return HelloReply.parseFrom(message).getMessage();
            }
            HelloReply.Builder reply = HelloReply.newBuilder();
            JsonFormat.parser().merge(new String(message, StandardCharsets.UTF_8), reply);
            return reply.getMessage();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    private static byte[] gunzip(byte[] bytes) {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return gzip.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
