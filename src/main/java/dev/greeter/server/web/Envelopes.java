package dev.greeter.server.web;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/** Reads messages from the body of a stream, in which flags and a length precede each, as in gRPC. */
final class Envelopes {

    static final int COMPRESSED = 1;

    private static final int HEADER = 5;

    private final int limit;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;

    /** @param limit maximum number of bytes of a message */
    Envelopes(int limit) {
        this.limit = limit;
    }

    /** @param bytes is released */
    void add(ByteBuf bytes, ByteBufAllocator allocator) {
        received = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, received, bytes);
    }

    /** Returns the next message, or null until it is complete. */
    @Nullable
    Envelope next() {
        if (received.readableBytes() < HEADER) {
            return null;
        }
        long length = received.getUnsignedInt(received.readerIndex() + 1);
        if (length > limit) {
            throw Gzip.tooLarge(limit);
        }
        if (received.readableBytes() - HEADER < length) {
            return null;
        }
        int flags = received.readUnsignedByte();
        byte[] message = new byte[(int) length];
        received.skipBytes(HEADER - 1).readBytes(message);
        if (!received.isReadable()) {
            release();
        }
        return new Envelope(flags, message);
    }

    /** Checks at the end of the body that it does not end within a message. */
    void requireComplete() {
        if (received.isReadable()) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("The request ends within a message.")
                    .asRuntimeException();
        }
    }

    void release() {
        received.release();
        received = Unpooled.EMPTY_BUFFER;
    }

    static ByteBuf of(int flags, byte[] message) {
        return Unpooled.wrappedBuffer(
                Unpooled.buffer(HEADER, HEADER).writeByte(flags).writeInt(message.length),
                Unpooled.wrappedBuffer(message));
    }

    record Envelope(
            int flags,
            @SuppressWarnings("ArrayRecordComponent") byte[] message) {}
}
