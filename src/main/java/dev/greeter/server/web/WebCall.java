package dev.greeter.server.web;

import io.grpc.ClientCall;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * One call from the web: converts the bytes of its request to messages, and the messages of its response to bytes, by
 * its protocol. It runs on the event loop of its connection.
 */
abstract class WebCall extends ClientCall.Listener<InputStream> {

    private final ServedMethod method;
    private final WireFormat format;
    private final WebMessages messages;
    private final HttpReply reply;
    private final ClientCall<InputStream, InputStream> call;
    private final @Nullable String encoding;
    private final boolean compressible;
    private boolean compressed;
    private boolean faulty;
    private boolean closed;
    private boolean requested;

    /**
     * @param encoding how the messages of the request are compressed, or may be
     * @param acceptEncoding how those of the response may be
     */
    WebCall(Target target, @Nullable String encoding, @Nullable String acceptEncoding) {
        this.method = target.method();
        this.format = target.format();
        this.messages = target.messages();
        this.call = target.call();
        this.reply = target.reply();
        this.encoding = encoding;
        this.compressible = Gzip.isAcceptedBy(acceptEncoding);
    }

    /** The method and the options of a request, and its reply. */
    record Target(
            ServedMethod method,
            WireFormat format,
            WebMessages messages,
            ClientCall<InputStream, InputStream> call,
            HttpReply reply) {}

    /**
     * Lets the server begin the call in any case: its log and its metrics also tell of calls that are refused.
     *
     * @param reading reads the metadata, or throws if it cannot
     */
    final void start(Metadata metadata, Runnable reading) {
        Status fault = null;
        try {
            reading.run();
            compressed = Gzip.isNamedBy(encoding);
        } catch (StatusRuntimeException e) {
            fault = e.getStatus();
        }
        call.start(this, metadata);
        request();
        if (fault != null && !closed) {
            refuse(fault);
        }
    }

    /** @param part part of the body, which is released */
    final void receive(ByteBuf part) {
        if (faulty || closed) {
            part.release();
        } else {
            attempt(() -> read(part));
        }
    }

    final void receivedAll() {
        attempt(this::readEnd);
    }

    final void receivedMalformed() {
        attempt(() -> {
            throw Status.INVALID_ARGUMENT
                    .withDescription("The chunks of the request are malformed.")
                    .asRuntimeException();
        });
    }

    /** Runs a step that may find the request invalid, unless it is known to be. */
    final void attempt(Runnable step) {
        if (faulty || closed) {
            return;
        }
        try {
            step.run();
        } catch (StatusRuntimeException e) {
            refuse(e.getStatus());
        }
    }

    final void cancel() {
        closed = true;
        release();
        call.cancel("The caller has gone.", null);
    }

    /**
     * Ends the call because the request is invalid. The server gets a message that throws when it is read, so that its
     * log and its metrics have the status that the caller sees.
     */
    private void refuse(Status status) {
        faulty = true;
        reply.read(true);
        call.sendMessage(new UnreadableMessage(status));
        call.halfClose();
    }

    /** @param message encoded message, not compressed */
    final void send(byte[] message) {
        call.sendMessage(new Message(messages.toProtobuf(message, method, format)));
    }

    final void halfClose() {
        call.halfClose();
    }

    /** Returns whether the server requests a message. */
    final boolean isReady() {
        return call.isReady();
    }

    final boolean isClosed() {
        return closed;
    }

    /** Requests a message, or postpones this until the caller has read enough of the previous ones. */
    final void request() {
        if (reply.isWritable()) {
            call.request(1);
        } else {
            requested = true;
        }
    }

    final void writabilityChanged() {
        if (requested && reply.isWritable()) {
            requested = false;
            call.request(1);
        }
    }

    @Override
    public final void onMessage(InputStream message) {
        if (closed) {
            return;
        }
        try {
            write(messages.fromProtobuf(bytes(message), method, format));
        } catch (StatusRuntimeException e) {
            call.cancel("The response cannot be written.", e);
            onClose(e.getStatus(), new Metadata());
        }
    }

    @Override
    public final void onClose(Status status, Metadata trailers) {
        if (closed) {
            return;
        }
        closed = true;
        release();
        try {
            writeEnd(status, trailers);
        } catch (RuntimeException e) {
            reply.abort();
            throw e;
        }
    }

    final boolean isCompressed() {
        return compressed;
    }

    /** Returns whether to compress a message of the response. */
    final boolean compresses(byte[] message) {
        return compressible && Gzip.isWorthwhile(message);
    }

    final boolean isCompressible() {
        return compressible;
    }

    final ServedMethod method() {
        return method;
    }

    final WireFormat format() {
        return format;
    }

    final WebMessages messages() {
        return messages;
    }

    final HttpReply reply() {
        return reply;
    }

    /** @param part is to be released */
    abstract void read(ByteBuf part);

    abstract void readEnd();

    abstract void write(byte[] message);

    abstract void writeEnd(Status status, Metadata trailers);

    /** Releases the messages that were received but not sent. */
    abstract void release();

    private static byte[] bytes(InputStream message) {
        try (message) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.available());
            if (message instanceof Drainable whole) {
                whole.drainTo(bytes);
            } else {
                message.transferTo(bytes);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A message of known length, which grpc-java reads without a buffer of its own. */
    private static final class Message extends ByteArrayInputStream implements KnownLength {

        Message(byte[] bytes) {
            super(bytes);
        }
    }

    private static final class UnreadableMessage extends InputStream {

        private final Status status;

        UnreadableMessage(Status status) {
            this.status = status;
        }

        @Override
        public int read() {
            throw status.asRuntimeException();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            throw status.asRuntimeException();
        }
    }
}
