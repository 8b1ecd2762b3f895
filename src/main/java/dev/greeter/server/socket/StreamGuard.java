package dev.greeter.server.socket;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2CodecUtil;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameTypes;
import org.jspecify.annotations.Nullable;

/**
 * Keeps frames from Netty for which it would end the connection, and with it the calls of everyone who shares it: those
 * on streams that have not begun, as C-core's reset of a call that has not been sent, and those that follow the reset of
 * a stream. Reads the nine bytes before each frame and makes such a frame one of an unknown type, which HTTP/2 ignores.
 */
final class StreamGuard extends ChannelInboundHandlerAdapter {

    private static final int FRAME_HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;
    private static final int TYPE = 3;
    private static final int STREAM = 5;
    private static final int UNKNOWN_TYPE = 0xfa;

    /** How many streams are remembered as reset; a power of two. */
    private static final int REMEMBERED = 256;

    private final Http2ConnectionHandler http2;
    private final StreamResets resets;
    private final StreamLimits limits;
    private int toSkip = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
    private @Nullable ByteBuf begunHeader;
    private int lastBegun;
    private int headersAhead;
    private int dataAhead;
    private int headerBlock;
    private boolean largeHeaders;
    private int @Nullable [] resetStreams;

    /** @param context that of the handler of HTTP/2 in the pipeline of this guard */
    StreamGuard(Http2ConnectionHandler http2, ChannelHandlerContext context, StreamLimits limits) {
        this.http2 = http2;
        this.resets = new StreamResets(http2, context, this, limits);
        this.limits = limits;
        http2.encoder().lifecycleManager(resets);
        Http2FrameListener grpc = http2.decoder().frameListener();
        http2.decoder().frameListener(new RequestGuard(grpc, this, resets, limits));
    }

    /** Returns whether headers of this stream have been received. */
    boolean hasBegun(int stream) {
        return stream <= lastBegun && (stream & 1) == 1;
    }

    /** Returns whether some of the headers that are being read are large. */
    boolean hasLargeHeaders() {
        return largeHeaders;
    }

    void rememberReset(int stream) {
        int[] remembered = resetStreams;
        if (remembered == null) {
            remembered = new int[REMEMBERED];
            resetStreams = remembered;
        }
        remembered[(stream >> 1) & (REMEMBERED - 1)] = stream;
    }

    boolean wasReset(int stream) {
        int[] remembered = resetStreams;
        return remembered != null && remembered[(stream >> 1) & (REMEMBERED - 1)] == stream;
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

    /** Adds to a frame header of which some bytes came before; returns false if others are still missing. */
    private boolean complete(ByteBuf header, ByteBuf in, ChannelHandlerContext context) {
        header.writeBytes(in, Math.min(FRAME_HEADER - header.readableBytes(), in.readableBytes()));
        if (header.readableBytes() < FRAME_HEADER) {
            in.release();
            return false;
        }
        begunHeader = null;
        inspect(header, header.readerIndex());
        context.fireChannelRead(header);
        return true;
    }

    private void inspectAll(ByteBuf in, ChannelHandlerContext context) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        while (end - at > toSkip) {
            at += toSkip;
            toSkip = 0;
            if (end - at < FRAME_HEADER) {
                begunHeader = context.alloc().buffer(FRAME_HEADER).writeBytes(in, at, end - at);
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

    /**
     * Returns whether Netty has to read what came before this frame: more than one frame of DATA for each call whose
     * headers it has not read is too many to find out afterwards that they belong to a stream that it refused.
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
                if (stream > lastBegun) {
                    lastBegun = stream;
                } else {
                    // Clients of gRPC send no trailers, and on a stream that is over they cost more than a call.
                    resets.count(StreamResets.REFUSAL);
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
                if (stream > lastBegun && length == Integer.BYTES) {
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
        if (stream > lastBegun) {
            return true;
        }
        if (!wasReset(stream)) {
            return false;
        }
        Http2Connection connection = http2.connection();
        return connection.streamMayHaveExisted(stream) && connection.stream(stream) == null;
    }

    /** The sender has taken the bytes from the window of the connection, so they are given back. */
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
        if (stream > lastBegun) {
            resets.count(StreamResets.RESET);
        }
    }
}
