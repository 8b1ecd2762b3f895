package dev.greeter.server.socket;

import dev.greeter.service.Refusal;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Checks the headers of calls before grpc-java, which would answer without a status or not at all. */
final class RequestGuard extends Http2FrameListenerDecorator {

    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    private static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString ROOT = AsciiString.cached("/");
    private static final AsciiString REFUSAL = AsciiString.cached(Refusal.header());

    private static final int GRPC = "application/grpc".length();
    private static final AsciiString PROTOBUF = AsciiString.cached("+proto");

    /** The overhead of each header in the size of a header list of HTTP/2. */
    private static final int OVERHEAD = 32;

    /** More headers than this are measured, however short they are. */
    private static final int MANY = 64;

    private final Http2ConnectionHandler http2;
    private final BooleanSupplier largeHeaders;
    private final StreamResets resets;
    private final AnsweredRequests answered;
    private final StreamLimits limits;
    private final OtherProtocols otherProtocols;

    /** @param largeHeaders whether one of the header blocks that are being read is large */
    RequestGuard(
            Http2FrameListener grpc,
            Http2ConnectionHandler http2,
            BooleanSupplier largeHeaders,
            StreamResets resets,
            AnsweredRequests answered,
            StreamLimits limits,
            OtherProtocols otherProtocols) {
        super(grpc);
        this.http2 = http2;
        this.largeHeaders = largeHeaders;
        this.resets = resets;
        this.answered = answered;
        this.limits = limits;
        this.otherProtocols = otherProtocols;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int stream,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean end)
            throws Http2Exception {
        Http2Stream open = http2.connection().stream(stream);
        // Netty takes headers that end a request for trailers too, but has closed that stream before.
        if (open.isTrailersReceived() && open.state().remoteSideOpen()) {
            if (!FieldValidity.isValidAsTrailers(headers)) {
                throw Http2Exception.streamError(stream, Http2Error.PROTOCOL_ERROR, "Malformed trailers");
            }
            onDataRead(context, stream, Unpooled.EMPTY_BUFFER, 0, end);
            return;
        }
        if (headers.path() != null && !OtherProtocols.isGrpc(headers.get(CONTENT_TYPE))) {
            otherProtocols.answer(http2, context, stream);
            return;
        }
        if (!FieldValidity.hasValidPseudoHeaders(headers)) {
            resets.refuse(stream);
            return;
        }
        try {
            super.onHeadersRead(context, stream, checked(headers), dependency, weight, exclusive, padding, end);
        } catch (Http2Exception.StreamException e) {
            if (!(e.getCause() instanceof StreamStatus.MalformedHeadersException)) {
                throw e;
            }
            resets.refuse(stream);
            return;
        }
        resets.keepStatus(open);
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean end)
            throws Http2Exception {
        int bytes = data.readableBytes() + padding;
        return answered.discard(stream, bytes) ? bytes : super.onDataRead(context, stream, data, padding, end);
    }

    private Http2Headers checked(Http2Headers headers) {
        CharSequence path = headers.path();
        if (path != null && path.isEmpty()) {
            headers.set(PseudoHeaderName.PATH.value(), ROOT);
        }
        if ((largeHeaders.getAsBoolean() || headers.size() > MANY) && size(headers) > limits.maxMetadata()) {
            return refused(withoutMetadata(headers), Refusal.METADATA_TOO_LARGE);
        }
        if (!isProtobuf(headers.get(CONTENT_TYPE))) {
            return refused(headers, Refusal.CODEC_UNKNOWN);
        }
        CharSequence encoding = headers.get(ENCODING);
        if (encoding != null && !limits.knowsEncoding(encoding.toString())) {
            headers.remove(ENCODING);
            return refused(headers, Refusal.COMPRESSOR_UNKNOWN);
        }
        return headers;
    }

    private static Http2Headers refused(Http2Headers headers, Refusal refusal) {
        return headers.add(REFUSAL, AsciiString.cached(refusal.name()));
    }

    private static int size(Http2Headers headers) {
        int size = size(headers.path()) + size(headers.authority()) + size(headers.method()) + size(headers.scheme());
        for (Map.Entry<CharSequence, CharSequence> header : headers) {
            size += header.getKey().length() + header.getValue().length() + OVERHEAD;
        }
        return size;
    }

    private static int size(@Nullable CharSequence pseudoHeader) {
        return pseudoHeader == null ? 0 : pseudoHeader.length() + OVERHEAD;
    }

    private static Http2Headers withoutMetadata(Http2Headers headers) {
        Http2Headers rest = new DefaultHttp2Headers(false);
        for (AsciiString name : new AsciiString[] {
            PseudoHeaderName.METHOD.value(),
            PseudoHeaderName.SCHEME.value(),
            PseudoHeaderName.AUTHORITY.value(),
            PseudoHeaderName.PATH.value(),
            CONTENT_TYPE,
            TE
        }) {
            CharSequence value = headers.get(name);
            if (value != null) {
                rest.add(name, value);
            }
        }
        return rest;
    }

    /** Also true for requests that are not gRPC, which grpc-java refuses. */
    private static boolean isProtobuf(@Nullable CharSequence contentType) {
        if (contentType == null || contentType.length() <= GRPC || contentType.charAt(GRPC) != '+') {
            return true;
        }
        int end = GRPC + PROTOBUF.length();
        return AsciiString.regionMatches(contentType, true, GRPC, PROTOBUF, 0, PROTOBUF.length())
                && (contentType.length() == end || contentType.charAt(end) == ';');
    }
}
