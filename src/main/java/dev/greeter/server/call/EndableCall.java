package dev.greeter.server.call;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call whose first close wins, on any thread: a {@link ServerCall} itself is not thread-safe.
 */
final class EndableCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

    // Not called through the superclass: all wrappers of a call share its code, which prevents inlining.
    private final ServerCall<ReqT, RespT> call;
    private volatile Status.@Nullable Code closedWith;
    private volatile boolean endedEarly;

    @GuardedBy("this")
    private boolean abandoned;

    EndableCall(ServerCall<ReqT, RespT> call) {
        super(call);
        this.call = call;
    }

    boolean isClosed() {
        return closedWith != null;
    }

    boolean isClosedWith(Status.Code code) {
        return closedWith == code;
    }

    /** Returns whether the call was ended before its service ended it; the service sees this as a cancellation. */
    boolean isEndedEarly() {
        return endedEarly;
    }

    /** Closes the call, unless its service has closed it. */
    synchronized void endEarly(Status status) {
        if (!isClosed()) {
            endedEarly = true;
            close(status, new Metadata());
        }
    }

    /**
     * Drops what the service sends from now on, because the transport has ended the call. Its status of a message that is
     * too large might be overtaken by that of a service that answers a cancellation.
     */
    synchronized void abandon() {
        abandoned = true;
    }

    @Override
    public void request(int messages) {
        call.request(messages);
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public boolean isCancelled() {
        return endedEarly || call.isCancelled();
    }

    @Override
    public MethodDescriptor<ReqT, RespT> getMethodDescriptor() {
        return call.getMethodDescriptor();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!isClosed() && !abandoned) {
            call.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(RespT message) {
        if (!isClosed() && !abandoned) {
            call.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!isClosed()) {
            closedWith = status.getCode();
            FailureLog.log(getMethodDescriptor(), status);
            if (!abandoned) {
                TrailerLimit.close(call, status, trailers);
            }
        }
    }
}
