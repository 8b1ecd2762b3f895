package dev.greeterbench;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetSocketAddress;

/** A call as a handler sees it, that goes nowhere: what remains is the cost of the handler. */
final class NoTransportCall<ReqT, RespT> extends ServerCall<ReqT, RespT> {

    private static final Attributes PEER = Attributes.newBuilder()
            .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress("127.0.0.1", 40_000))
            .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, new InetSocketAddress("127.0.0.1", 50_051))
            .build();

    private final MethodDescriptor<ReqT, RespT> method;
    private Object reply;
    private Status status;

    NoTransportCall(MethodDescriptor<ReqT, RespT> method) {
        this.method = method;
    }

    /** Returns the reply of a call that ended well, and fails for any other. */
    Object reply() {
        if (status == null || !status.isOk() || reply == null) {
            throw new IllegalStateException("The call ended with " + status);
        }
        return reply;
    }

    @Override
    public void sendMessage(RespT message) {
        reply = message;
    }

    @Override
    public void close(Status status, Metadata trailers) {
        this.status = status;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public Attributes getAttributes() {
        return PEER;
    }

    @Override
    public String getAuthority() {
        return "localhost";
    }

    @Override
    public MethodDescriptor<ReqT, RespT> getMethodDescriptor() {
        return method;
    }
}
