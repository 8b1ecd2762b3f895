package dev.greeter.server.web;

import static java.util.Map.entry;

import io.grpc.Server;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Serves the page that shows the methods and calls them: its files, and what there is to show. */
final class Console {

    /** No method has a dot in its name, and so none has the path of a file. */
    private static final String FOLDER = "/console/";

    private static final String CATALOG = "services.json";
    private static final String CONTRACTS = "contracts.binpb";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    /** The files by their names, with their content types. */
    private static final Map<String, String> FILES = Map.ofEntries(
            entry("index.html", "text/html; charset=utf-8"),
            entry("console.css", "text/css; charset=utf-8"),
            entry("icon.svg", "image/svg+xml"),
            entry("main.js", SCRIPT),
            entry("request.js", SCRIPT),
            entry("response.js", SCRIPT),
            entry("view.js", SCRIPT),
            entry("connect.js", SCRIPT),
            entry("health.js", SCRIPT),
            entry("schema.js", SCRIPT),
            entry("json.js", SCRIPT),
            entry("commands.js", SCRIPT),
            entry(CATALOG, "application/json"),
            entry(CONTRACTS, "application/x-protobuf"));

    /** The page needs nothing but its own files and calls, and no other page may contain it. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private static final int TAG_BYTES = 12;

    private final About about;
    private final Server server;
    private final int grpcPort;
    private final Map<String, Content> contents = new ConcurrentHashMap<>();

    /** @param grpcPort which the copied commands call */
    Console(About about, Server server, int grpcPort) {
        this.about = about;
        this.server = server;
        this.grpcPort = grpcPort;
    }

    /** A file as it is sent, with the validator of each form. */
    private record Content(ByteBuf plain, ByteBuf gzip, String tag) {

        String tag(boolean compressed) {
            return compressed ? "\"" + tag + "-gzip\"" : "\"" + tag + "\"";
        }
    }

    /** Returns the name of the file that a path has, or null if it has none. */
    static @Nullable String file(String path) {
        String name = path.equals("/") ? "index.html" : path.startsWith(FOLDER) ? path.substring(FOLDER.length()) : "";
        return FILES.containsKey(name) ? name : null;
    }

    void answer(HttpRequest request, String file, HttpReply reply) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        boolean head = request.method().equals(HttpMethod.HEAD);
        if (!head && !request.method().equals(HttpMethod.GET)) {
            reply.text(
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    headers.set(HttpHeaderNames.ALLOW, "GET, HEAD"),
                    "This is a file of the console.\n");
            return;
        }
        Content content = contents.computeIfAbsent(file, this::read);
        boolean compressed = Gzip.isAcceptedBy(request.headers().get(HttpHeaderNames.ACCEPT_ENCODING));
        headers.set(HttpHeaderNames.ETAG, content.tag(compressed))
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING)
                .set("content-security-policy", POLICY)
                .set("x-content-type-options", "nosniff")
                .set("referrer-policy", "no-referrer")
                .set("cross-origin-opener-policy", "same-origin")
                .set("cross-origin-resource-policy", "same-origin");
        if (isCurrent(request, content, compressed)) {
            reply.whole(HttpResponseStatus.NOT_MODIFIED, headers, Unpooled.EMPTY_BUFFER);
            return;
        }
        headers.set(HttpHeaderNames.CONTENT_TYPE, Objects.requireNonNull(FILES.get(file)));
        if (compressed) {
            headers.set(HttpHeaderNames.CONTENT_ENCODING, Gzip.NAME);
        }
        ByteBuf body = compressed ? content.gzip : content.plain;
        headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        reply.whole(HttpResponseStatus.OK, headers, head ? Unpooled.EMPTY_BUFFER : body.retainedDuplicate());
    }

    private static boolean isCurrent(HttpRequest request, Content content, boolean compressed) {
        String known = request.headers().get(HttpHeaderNames.IF_NONE_MATCH);
        return known != null
                && Arrays.stream(known.split(",", -1))
                        .map(tag -> tag.strip().replaceFirst("^W/", ""))
                        .anyMatch(tag -> tag.equals("*") || tag.equals(content.tag(compressed)));
    }

    private Content read(String file) {
        byte[] plain = switch (file) {
            case CATALOG -> about.describe(server, grpcPort).toString().getBytes(StandardCharsets.UTF_8);
            case CONTRACTS -> ServiceCatalog.contracts(server).toByteArray();
            default -> resource(file);
        };
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(plain);
            return new Content(
                    Unpooled.wrappedBuffer(plain),
                    Unpooled.wrappedBuffer(Gzip.compress(plain)),
                    HexFormat.of().formatHex(Arrays.copyOf(hash, TAG_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] resource(String file) {
        try (InputStream content = Console.class.getResourceAsStream("console/" + file)) {
            return Objects.requireNonNull(content, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
