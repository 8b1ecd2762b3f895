package dev.greeter.server.web;

import dev.greeter.server.web.Envelopes.Envelope;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaders;

/** A call with any number of enveloped messages, followed by an envelope with its end. */
abstract class EnvelopedCall extends WebCall {

    private final String encodingHeader;
    private final Envelopes envelopes;
    private boolean complete;
    private boolean halfClosed;
    private boolean begun;
    private int sent;

    /** @param encodingHeader by which requests and responses name the compression of their messages */
    EnvelopedCall(Target target, HttpHeaders sent, String encodingHeader, String acceptEncodingHeader) {
        super(target, sent.get(encodingHeader), sent.get(acceptEncodingHeader));
        this.encodingHeader = encodingHeader;
        this.envelopes = new Envelopes(target.messages().limit());
    }

    @Override
    void read(ByteBuf part) {
        envelopes.add(part, reply().context().alloc());
        forward();
    }

    @Override
    void readEnd() {
        complete = true;
        forward();
    }

    @Override
    public final void onReady() {
        attempt(this::forward);
    }

    /** Passes on the messages that the server requests, and stops reading when it requests no more. */
    private void forward() {
        while (!halfClosed && mayBeSent()) {
            Envelope next = envelopes.next();
            if (next == null) {
                if (complete) {
                    envelopes.requireComplete();
                    halfClosed = true;
                    halfClose();
                } else if (!isClosed()) {
                    // May call this method again, with what has come meanwhile.
                    reply().read(true);
                }
                return;
            }
            sent++;
            send(opened(next));
        }
        if (!isClosed()) {
            reply().read(halfClosed);
        }
    }

    /** The server refuses a second request where only one is allowed, and never requests a third. */
    private boolean mayBeSent() {
        return method().takesOneRequest() ? sent < 2 : isReady();
    }

    private byte[] opened(Envelope envelope) {
        if (!envelope.compressed()) {
            return envelope.message();
        }
        if (!isCompressed()) {
            throw Status.INTERNAL
                    .withDescription("A message is compressed, and no header says how.")
                    .asRuntimeException();
        }
        return Gzip.decompress(envelope.message(), messages().limit());
    }

    @Override
    public final void onHeaders(Metadata metadata) {
        begin(metadata);
    }

    private void begin(Metadata metadata) {
        begun = true;
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        HttpMetadata.write(metadata, headers::add);
        headers.set(HttpHeaderNames.CONTENT_TYPE, format().contentType());
        if (isCompressible()) {
            headers.set(encodingHeader, Gzip.NAME);
        }
        reply().begin(headers);
    }

    @Override
    final void write(byte[] message) {
        boolean compress = compresses(message);
        reply().write(encoded(
                Envelopes.of(compress ? Envelopes.COMPRESSED : 0, compress ? Gzip.compress(message) : message)));
        request();
    }

    @Override
    final void writeEnd(Status status, Metadata trailers) {
        if (!begun) {
            begin(new Metadata());
        }
        reply().end(encoded(endOfStream(status, trailers)));
    }

    @Override
    final void release() {
        envelopes.release();
    }

    /** Returns the last envelope of the response. */
    abstract ByteBuf endOfStream(Status status, Metadata trailers);

    /** Returns the envelope as it is in the body. */
    abstract ByteBuf encoded(ByteBuf envelope);
}
