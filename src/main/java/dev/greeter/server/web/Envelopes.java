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
        int flags = received.getUnsignedByte(received.readerIndex());
        if ((flags & ~COMPRESSED) != 0) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("A message has unknown flags: " + flags
                            + ". Before each message there are five bytes: its flags, 0 or 1, and its length.")
                    .asRuntimeException();
        }
        long length = received.getUnsignedInt(received.readerIndex() + 1);
        if (length > limit) {
            throw Gzip.tooLarge(limit);
        }
        if (received.readableBytes() - HEADER < length) {
            return null;
        }
        byte[] message = new byte[(int) length];
        received.skipBytes(HEADER).readBytes(message);
        if (!received.isReadable()) {
            release();
        }
        return new Envelope(flags == COMPRESSED, message);
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
            boolean compressed,
            @SuppressWarnings("ArrayRecordComponent") byte[] message) {}
}
