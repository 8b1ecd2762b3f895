package dev.greeter.server.web;

import dev.greeter.server.web.WebCall.Target;
import dev.greeter.service.Refusal;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.QueryStringDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.grpc.netty.shaded.io.netty.handler.codec.http.TooLongHttpLineException;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the method of a request and begins its call, or refuses the request with a reason. */
final class WebRoutes {

    private static final Metadata.Key<String> REFUSAL =
            Metadata.Key.of(Refusal.header(), Metadata.ASCII_STRING_MARSHALLER);

    /** Comes first in the URL of a request to a proxy, which a server accepts as well (RFC 9112, 3.2.2). */
    private static final Pattern ORIGIN = Pattern.compile("^https?://[^/?#]*", Pattern.CASE_INSENSITIVE);

    private final Channel server;
    private final Map<String, ServedMethod> methods = new TreeMap<>();
    private final WebMessages messages;
    private final Cors cors;
    private final @Nullable Console console;
    private final WebLimits limits;

    /**
     * @param server channel to the gRPC server inside the process
     * @param console null where there is none
     */
    WebRoutes(Channel server, List<ServedMethod> methods, Cors cors, @Nullable Console console, WebLimits limits) {
        this.server = server;
        methods.forEach(method -> this.methods.put(method.path(), method));
        JsonMessages json = new JsonMessages(methods);
        this.messages = new WebMessages(json, new ConnectErrors(json), limits.message());
        this.cors = cors;
        this.console = console;
        this.limits = limits;
    }

    Cors cors() {
        return cors;
    }

    Duration patience() {
        return limits.handshake();
    }

    /** Returns null if the request has been answered. */
    @Nullable
    WebCall answer(HttpRequest request, HttpReply reply) {
        if (request.decoderResult().isFailure()) {
            reply.whole(malformed(request.decoderResult().cause()), headers(), Unpooled.EMPTY_BUFFER);
            return null;
        }
        if (Cors.isPreflight(request)) {
            preflight(request, reply);
            return null;
        }
        QueryStringDecoder uri =
                new QueryStringDecoder(ORIGIN.matcher(request.uri()).replaceFirst(""));
        String fault = fault(request, uri, reply);
        if (fault != null) {
            reply.text(HttpResponseStatus.BAD_REQUEST, headers(), fault);
            return null;
        }
        String file = console == null ? null : Console.file(uri.path());
        if (console != null && file != null) {
            console.answer(request, file, reply);
            return null;
        }
        ServedMethod method = methods.get(uri.path());
        if (method == null) {
            reply.text(HttpResponseStatus.NOT_FOUND, headers(), unknown(uri.path()));
            return null;
        }
        if (request.method().equals(HttpMethod.GET) && method.allowsGet()) {
            return get(request, uri, method, reply);
        }
        if (!request.method().equals(HttpMethod.POST)) {
            String allowed = method.allowsGet() ? "GET, POST" : "POST";
            reply.text(
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    headers().set(HttpHeaderNames.ALLOW, allowed),
                    "This method is called by " + allowed.replace(",", " or") + ".\n");
            return null;
        }
        WireFormat format = WireFormat.of(request.headers().get(HttpHeaderNames.CONTENT_TYPE));
        if (format == null || !format.fits(method) || (format.json() && method.request() == null)) {
            unsupported(method, reply);
            return null;
        }
        return begin(request, method, format, reply);
    }

    /** Returns what makes a request invalid that could be read, or null. */
    private static @Nullable String fault(HttpRequest request, QueryStringDecoder uri, HttpReply reply) {
        if (request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !WebConnection.isStream(reply.context().channel())
                && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
            return "A request of HTTP/1.1 has one header host.\n";
        }
        try {
            uri.path();
            uri.parameters();
            return null;
        } catch (IllegalArgumentException e) {
            return "The URL has a percent sign that begins no escape.\n";
        }
    }

    private @Nullable WebCall get(HttpRequest request, QueryStringDecoder uri, ServedMethod method, HttpReply reply) {
        String encoding = parameter(uri, "encoding");
        String message = parameter(uri, "message");
        boolean json = "json".equals(encoding);
        if (message == null || !((json && method.request() != null) || "proto".equals(encoding))) {
            reply.text(
                    HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
                    headers().set("accept-post", WireFormat.accepted(method)),
                    "A call by GET has the parameters encoding, json or proto, and message.\n");
            return null;
        }
        WebCall call = new ConnectUnaryCall(
                target(method, WireFormat.ofUnary(json), reply),
                parameter(uri, "compression"),
                request.headers().get(HttpHeaderNames.ACCEPT_ENCODING));
        start(call, request, reply, parameter(uri, "connect"), "v1");
        call.attempt(() -> call.read(Unpooled.wrappedBuffer(
                "1".equals(parameter(uri, "base64")) ? decoded(message) : message.getBytes(StandardCharsets.UTF_8))));
        return call;
    }

    private WebCall begin(HttpRequest request, ServedMethod method, WireFormat format, HttpReply reply) {
        HttpHeaders sent = request.headers();
        Target target = target(method, format, reply);
        WebCall call = switch (format.protocol()) {
            case CONNECT_UNARY ->
                new ConnectUnaryCall(
                        target, sent.get(HttpHeaderNames.CONTENT_ENCODING), sent.get(HttpHeaderNames.ACCEPT_ENCODING));
            case CONNECT_STREAM -> new ConnectStreamCall(target, sent);
            case GRPC_WEB, GRPC_WEB_TEXT -> new GrpcWebCall(target, sent);
        };
        start(call, request, reply, sent.get("connect-protocol-version"), "1");
        return call;
    }

    private Target target(ServedMethod method, WireFormat format, HttpReply reply) {
        return new Target(
                method,
                format,
                messages,
                server.newCall(
                        method.descriptor(),
                        CallOptions.DEFAULT.withExecutor(onLoop(reply.context().executor()))),
                reply);
    }

    /** Runs at once what is on the event loop already: what one read causes is then written by one flush. */
    private static Executor onLoop(EventExecutor loop) {
        return task -> {
            if (loop.inEventLoop()) {
                task.run();
            } else {
                loop.execute(task);
            }
        };
    }

    private void start(WebCall call, HttpRequest request, HttpReply reply, @Nullable String version, String known) {
        Metadata metadata = new Metadata();
        call.start(metadata, () -> {
            try {
                read(request.headers(), metadata);
            } finally {
                WebConnection.peer(reply.context().channel()).announceIn(metadata);
            }
            if (version != null && !version.equals(known)) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("The version of Connect is unknown; there is 1.")
                        .asRuntimeException();
            }
        });
    }

    private void read(HttpHeaders headers, Metadata metadata) {
        if (HttpMetadata.size(headers) > limits.metadata()) {
            metadata.put(REFUSAL, Refusal.METADATA_TOO_LARGE.name());
        } else {
            HttpMetadata.read(headers, metadata);
            HttpMetadata.readTimeout(headers.get("connect-timeout-ms"), metadata);
        }
    }

    private void preflight(HttpRequest request, HttpReply reply) {
        HttpHeaders headers = headers();
        if (cors.grant(request).isGiven()) {
            Cors.allow(request, headers);
            reply.whole(HttpResponseStatus.NO_CONTENT, headers, Unpooled.EMPTY_BUFFER);
        } else {
            reply.text(
                    HttpResponseStatus.FORBIDDEN,
                    headers,
                    "Pages of this origin may not call: service.web.cors.allowed-origins does not name it.\n");
        }
    }

    private static void unsupported(ServedMethod method, HttpReply reply) {
        String accepted = WireFormat.accepted(method);
        reply.text(
                HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
                headers().set("accept-post", accepted),
                "This method takes requests with one of these content types: " + accepted + ".\n");
    }

    private String unknown(String path) {
        return methods.keySet().stream()
                .map(served -> "  " + served)
                .collect(Collectors.joining(
                        "\n",
                        "There is no " + printable(path) + ". These methods are served here, by Connect, gRPC-Web and"
                                + " JSON:\n",
                        "\n"));
    }

    private static String printable(String path) {
        String cut = path.length() > 100 ? path.substring(0, 100) + "..." : path;
        return cut.replaceAll("[^ -~]", "?");
    }

    private static HttpResponseStatus malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        }
        return cause instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
    }

    private static byte[] decoded(String message) {
        try {
            return Base64.getUrlDecoder().decode(message.replace('+', '-').replace('/', '_'));
        } catch (IllegalArgumentException e) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("The parameter message is not base64, as the parameter base64 says.")
                    .asRuntimeException();
        }
    }

    private static @Nullable String parameter(QueryStringDecoder uri, String name) {
        List<String> values = uri.parameters().get(name);
        return values == null ? null : values.get(0);
    }

    private static HttpHeaders headers() {
        return DefaultHttpHeadersFactory.headersFactory().newHeaders();
    }
}
