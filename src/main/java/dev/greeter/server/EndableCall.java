package dev.greeter.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * A call of which the first close wins, on whichever thread: a {@link ServerCall} alone is not safe for use by several.
 */
final class EndableCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

    private volatile boolean closed;
    private volatile boolean endedEarly;

    EndableCall(ServerCall<ReqT, RespT> call) {
        super(call);
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns whether the call was ended over the head of its service, which is to take it as cancelled. */
    boolean isEndedEarly() {
        return endedEarly;
    }

    /** Closes the call, unless its service has done so before. */
    synchronized void endEarly(Status status) {
        if (!closed) {
            endedEarly = true;
            close(status, new Metadata());
        }
    }

    @Override
    public boolean isCancelled() {
        return endedEarly || super.isCancelled();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!closed) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(RespT message) {
        if (!closed) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            FailureLog.log(getMethodDescriptor(), status);
            super.close(status, trailers);
        }
    }
}
