package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Hides frames from Netty that would make it end the connection, and with it the calls of all who share it: frames on
 * streams that have not begun, such as C-core's reset of a call that it has not sent, frames after the reset of a stream,
 * and headers of a stream that depends on itself. Reads the nine bytes before each frame and changes such a frame to an
 * unknown type, which HTTP/2 ignores, or names {@link RequestedStreams#ITSELF}.
 */
final class StreamGuard extends ChannelInboundHandlerAdapter {

    private static final int FRAME_HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;
    private static final int TYPE = 3;
    private static final int FLAGS = 4;
    private static final int STREAM = 5;
    private static final int PADDED = 0x8;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_LENGTH = 5;
    private static final int MAX_INSPECTED = FRAME_HEADER + 1 + Integer.BYTES;
    private static final int UNKNOWN_TYPE = 0xfa;

    private final Http2ConnectionHandler http2;
    private final RequestedStreams streams;
    private final StreamResets resets;
    private final StreamLimits limits;
    private int toSkip = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
    private @Nullable ByteBuf begunHeader;
    private int headersAhead;
    private int dataAhead;
    private int headerBlock;
    private boolean largeHeaders;

    StreamGuard(Http2ConnectionHandler http2, RequestedStreams streams, StreamResets resets, StreamLimits limits) {
        this.http2 = http2;
        this.streams = streams;
        this.resets = resets;
        this.limits = limits;
        http2.encoder().lifecycleManager(resets);
    }

    boolean hasLargeHeaders() {
        return largeHeaders;
    }

    /** @param requests makes what checks requests before their listener */
    void check(UnaryOperator<Http2FrameListener> requests) {
        Http2ConnectionDecoder decoder = http2.decoder();
        decoder.frameListener(new FrameGuard(requests.apply(decoder.frameListener()), http2, resets));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (resets.haveEndedConnection()) {
            in.release();
            return;
        }
        if (begunHeader != null && !complete(begunHeader, in, context)) {
            return;
        }
        inspectAll(in, context);
        if (in.isReadable()) {
            context.fireChannelRead(in);
        } else {
            in.release();
        }
        headersAhead = 0;
        dataAhead = 0;
        largeHeaders = headerBlock > limits.largeHeaders();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (begunHeader != null) {
            begunHeader.release();
            begunHeader = null;
        }
    }

    /** Completes a frame header that was received in part; returns false if bytes are still missing. */
    private boolean complete(ByteBuf header, ByteBuf in, ChannelHandlerContext context) {
        int at = header.readerIndex();
        int missing;
        while ((missing = inspected(header, at, header.writerIndex()) - header.readableBytes()) > 0) {
            if (!in.isReadable()) {
                in.release();
                return false;
            }
            header.writeBytes(in, Math.min(missing, in.readableBytes()));
        }
        begunHeader = null;
        inspect(header, at);
        toSkip -= header.readableBytes() - FRAME_HEADER;
        context.fireChannelRead(header);
        return true;
    }

    private void inspectAll(ByteBuf in, ChannelHandlerContext context) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (end - at > toSkip) {
            at += toSkip;
            toSkip = 0;
            if (end - at < inspected(in, at, end)) {
                begunHeader = context.alloc().buffer(MAX_INSPECTED).writeBytes(in, at, end - at);
                in.writerIndex(at);
                return;
            }
            if (isDataAhead(in, at)) {
                context.fireChannelRead(in.readRetainedSlice(at - in.readerIndex()));
                headersAhead = 0;
                dataAhead = 0;
            }
            inspect(in, at);
            at += FRAME_HEADER;
        }
        toSkip -= end - at;
    }

    /** Returns the number of bytes to inspect of a frame of which the bytes before the end are received. */
    private static int inspected(ByteBuf in, int at, int end) {
        return end - at >= FRAME_HEADER && hasPriority(in, at) ? dependency(in, at) + Integer.BYTES - at : FRAME_HEADER;
    }

    private static boolean hasPriority(ByteBuf in, int at) {
        return in.getByte(at + TYPE) == Http2FrameTypes.HEADERS
                && (in.getByte(at + FLAGS) & PRIORITY) != 0
                && at + FRAME_HEADER + in.getUnsignedMedium(at) >= dependency(in, at) + PRIORITY_LENGTH;
    }

    /** Returns where headers with a priority name the stream on which they depend. */
    private static int dependency(ByteBuf in, int at) {
        return at + FRAME_HEADER + ((in.getByte(at + FLAGS) & PADDED) == 0 ? 0 : 1);
    }

    /**
     * Returns whether Netty has to read the preceding frames first. Only one frame of DATA per call may follow headers
     * that Netty has not read: Netty may refuse the stream, and further frames would be inspected too early.
     */
    private boolean isDataAhead(ByteBuf in, int at) {
        return in.getByte(at + TYPE) == Http2FrameTypes.DATA
                && stream(in, at) > http2.connection().remote().lastStreamCreated()
                && ++dataAhead > headersAhead;
    }

    private static int stream(ByteBuf in, int at) {
        return in.getInt(at + STREAM) & Integer.MAX_VALUE;
    }

    private void inspect(ByteBuf in, int at) {
        int length = in.getUnsignedMedium(at);
        int stream = stream(in, at);
        toSkip = length;
        switch (in.getByte(at + TYPE)) {
            case Http2FrameTypes.HEADERS -> {
                if (!streams.begin(stream)) {
                    // gRPC clients send no trailers, and on a stream that has ended they cost more than a call.
                    resets.count(StreamResets.REFUSAL);
                }
                if (hasPriority(in, at) && (in.getInt(dependency(in, at)) & Integer.MAX_VALUE) == stream) {
                    in.setInt(dependency(in, at), RequestedStreams.ITSELF);
                }
                headersAhead++;
                begin(length);
            }
            case Http2FrameTypes.CONTINUATION -> begin(headerBlock + length);
            case Http2FrameTypes.DATA -> {
                if (isStray(stream)) {
                    in.setByte(at + TYPE, UNKNOWN_TYPE);
                    ignoreData(stream, length);
                }
            }
            case Http2FrameTypes.RST_STREAM, Http2FrameTypes.WINDOW_UPDATE -> {
                if (streams.isIdle(stream) && length == Integer.BYTES) {
                    in.setByte(at + TYPE, UNKNOWN_TYPE);
                    ignore(stream);
                }
            }
            default -> {}
        }
    }

    private void begin(int length) {
        headerBlock = length;
        largeHeaders |= length > limits.largeHeaders();
    }

    private boolean isStray(int stream) {
        if (streams.isIdle(stream)) {
            return true;
        }
        if (!streams.wasReset(stream)) {
            return false;
        }
        Http2Connection connection = http2.connection();
        return connection.streamMayHaveExisted(stream) && connection.stream(stream) == null;
    }

    /** The frame has used up the window of the connection, which is therefore given back. */
    private void ignoreData(int stream, int length) {
        try {
            http2.decoder().flowController().receiveFlowControlledFrame(null, Unpooled.EMPTY_BUFFER, length, false);
        } catch (Http2Exception e) {
            resets.endConnection(e);
        }
        ignore(stream);
    }

    private void ignore(int stream) {
        limits.countStrayFrame();
        if (streams.isIdle(stream)) {
            resets.count(StreamResets.RESET);
        }
    }
}
