package dev.greeter.server.socket;

import io.grpc.InternalMetadata;
import io.grpc.InternalStatus;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the status with which grpc-java ends a call by itself, such as one with a message above the limit: if the answer
 * has begun, grpc-java resets the stream without telling the caller why.
 */
final class StreamStatus extends ServerStreamTracer {

    private static final FastThreadLocal<@Nullable StreamStatus> BEGUN = new FastThreadLocal<>();

    private @Nullable Status status;

    /** Returns a factory that also sees all headers of a call, before grpc-java begins it. */
    static Factory factory() {
        return new Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String name, Metadata headers) {
                if (!FieldValidity.isValid(headers)) {
                    throw new MalformedHeadersException();
                }
                StreamStatus begun = new StreamStatus();
                BEGUN.set(begun);
                return begun;
            }
        };
    }

    /** Returns that of the call which grpc-java has just begun on this thread, or null if it has begun none. */
    static @Nullable StreamStatus ofBegunCall() {
        StreamStatus begun = BEGUN.get();
        if (begun != null) {
            BEGUN.set(null);
        }
        return begun;
    }

    @Override
    public void streamClosed(Status status) {
        this.status = status;
    }

    /** Returns the headers that tell the caller of it, or null if there is nothing to tell. */
    @Nullable
    Http2Headers headers(boolean answerHasBegun) {
        if (status == null || status.getCode() == Status.Code.CANCELLED) {
            return null;
        }
        Metadata metadata = new Metadata();
        metadata.put(InternalStatus.CODE_KEY, status);
        if (status.getDescription() != null) {
            metadata.put(InternalStatus.MESSAGE_KEY, status.getDescription());
        }
        Http2Headers headers = new DefaultHttp2Headers(false);
        if (!answerHasBegun) {
            headers.status("200").set("content-type", "application/grpc");
        }
        byte[][] namesAndValues = InternalMetadata.serialize(metadata);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(new AsciiString(namesAndValues[i]), new AsciiString(namesAndValues[i + 1]));
        }
        return headers;
    }

    /** Keeps grpc-java from beginning a call. */
    static final class MalformedHeadersException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        MalformedHeadersException() {
            super("The headers are malformed", null, false, false);
        }
    }
}
